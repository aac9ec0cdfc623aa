import { describeMachine, table, writeSection } from '../report.js';
import { storeCustomers } from '../stored-customers.js';
import { Target } from '../targets.js';
import { BenchDatabase } from '../bench-database.js';
import { runJob } from '../run-job.js';
import { timed } from '../timed.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 1_000_000;

const OLD = `received_at < now() - interval '90 days'`;

/**
 * Measures the job that removes raw bodies, on a database with many events, some of them older than 90 days.
 * It is compared with a single statement on a copy of that database, and with a second run of the job that
 * finds nothing to do.
 */
export const measureRetention: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const bare = await BenchDatabase.create(workplace.postgres, 'bare');
  workplace.defer(() => bare.close());
  await bare.migrate();
  await storeCustomers(bare, customers);
  const target = await Target.start(workplace, 'service', {
    name: 'retention',
    env: { PROCESS_ROLES: 'worker', WEBHOOK_RETENTION_DAYS: '90' },
    preload: { customers, fill: storeCustomers },
  });
  await workplace.postgres.query('checkpoint');
  const statement = await timed(() => bare.query(`update webhook_events set body = null where ${OLD}`));
  const purged = await bare.count(`webhook_events where body is null`);
  await workplace.postgres.query('checkpoint');
  const first = await timed(() => runJob(target.database, 'purge-event-bodies'));
  const second = await timed(() => runJob(target.database, 'purge-event-bodies'));
  const left = await target.database.count(`webhook_events where body is not null and ${OLD}`);
  if (left > 0) throw new Error(`${left} old bodies are still there`);
  const rate = (seconds: number) => (purged / seconds).toFixed(0);
  const markdown = table(
    ['purge', 'bodies', 'seconds', 'bodies/s'],
    [
      ['the job, a page of 1,000 events per statement', String(purged), first.toFixed(1), rate(first)],
      ['the job once more, nothing left to purge', '0', second.toFixed(1), '–'],
      ['one statement for all', String(purged), statement.toFixed(1), rate(statement)],
    ],
  );
  const memory = `Peak RSS of the worker: ${target.server.peakRssMb.toFixed(0)} MB.`;
  console.log(`\n${markdown}\n\n${memory}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  const title = `Purging bodies among ${customers} events`;
  writeSection('retention', `## ${title}\n\n${machine}\n\n${markdown}\n\n${memory}`);
};

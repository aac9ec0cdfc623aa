import { setTimeout as sleep } from 'node:timers/promises';
import { describeMachine, table, writeSection } from '../report.js';
import { storeCustomers } from '../stored-customers.js';
import { Target } from '../targets.js';
import { BenchDatabase } from '../bench-database.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 1_000_000;

const POLL_MS = 100;
const OLD = `received_at < now() - interval '90 days'`;

/**
 * The job that forgets raw bodies on a database with many events, some of them older than 90 days; beside it
 * the same as one statement on a copy of that database. Then the job again, with nothing left to do.
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
  const first = await timed(() => runPurge(target.database));
  const second = await timed(() => runPurge(target.database));
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

/** Has a worker run the job; resolves when it is done. @throws when it failed */
async function runPurge(database: BenchDatabase): Promise<void> {
  await database.query(
    `select graphile_worker.add_job('purge-event-bodies', '{}', job_key := 'measured', max_attempts := 1)`,
  );
  for (;;) {
    const { rows } = await database.query(
      `select last_error from graphile_worker.jobs where key = 'measured'`,
    );
    if (rows.length === 0) return;
    if (rows[0].last_error) throw new Error(rows[0].last_error);
    await sleep(POLL_MS);
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return (performance.now() - startedAt) / 1000;
}

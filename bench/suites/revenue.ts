import type { BenchDatabase } from '../bench-database.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../report.js';
import { runJob } from '../run-job.js';
import { median } from '../statistics.js';
import { AUTHORIZATION, Target } from '../targets.js';
import { timed } from '../timed.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 1_000_000;
const READS = 11;

const REPORTS: [title: string, path: string, reads: number][] = [
  ['MRR by month, UTC', 'months', READS],
  ['MRR by month, Europe/Madrid', 'months?zone=Europe/Madrid', READS],
  ['MRR now', 'mrr', READS],
  ['churn of 30 days', 'churn', 1],
  ['retention by month', 'retention', 1],
  ['cohorts', 'cohorts', 1],
];

/** Measures the reports about revenue over three movements of each of many customers, with the sums of days made. */
export const measureRevenue: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const target = await Target.start(workplace, 'service', {
    name: 'revenue',
    env: { PROCESS_ROLES: 'api,worker' },
    preload: { customers, fill: storeMovements },
  });
  const summedInSeconds = await timed(() => runJob(target.database, 'check-revenue'));
  const read = async (path: string) => {
    const answer = await fetch(`${target.server.url}/admin/revenue/${path}`, {
      headers: { authorization: AUTHORIZATION },
    });
    if (!answer.ok) throw new Error(`${path}: answered ${answer.status} ${await answer.text()}`);
    await answer.text();
  };
  const rows: [title: string, ms: number][] = [];
  for (const [title, path, reads] of REPORTS) {
    const times: number[] = [];
    for (let n = 0; n < reads; n += 1) times.push(1000 * (await timed(() => read(path))));
    rows.push([title, median(times)]);
  }
  const goals = rows.slice(0, 2).map(([name, measured]): Goal => {
    return { name, measured, unit: 'ms', relation: '≤', bound: 300 };
  });
  const figures = table(
    ['report', 'median'],
    [
      ...rows.map(([title, ms]) => [title, `${ms.toFixed(0)} ms`]),
      ['the hourly job that checks revenue and sums days', `${summedInSeconds.toFixed(1)} s`],
    ],
  );
  const markdown = `${figures}\n\n${goalTable(goals)}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  const title = `Revenue of ${customers} customers with ${3 * customers} movements`;
  writeSection('revenue', `## ${title}\n\n${machine}\n\n${markdown}`);
};

/** Each customer begins, changes once, and ends or changes again, within three years. */
async function storeMovements(database: BenchDatabase, customers: number): Promise<void> {
  await database.query('set session_replication_role = replica');
  await database.query(
    `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor,
       occurred_at, recorded_at)
     select uuidv7(), md5(n::text)::uuid, kind, case when n % 5 = 0 then 'eur' else 'usd' end,
       after - before, before, after, at, at
     from generate_series(1, $1::int) n,
       lateral (select now() - (n % 1000 + 90) * interval '1 day' as begun) begun,
       lateral (values ('new', 0, 1000, begun), ('expansion', 1000, 1500, begun + interval '31 days'),
         (case when n % 3 = 0 then 'churn' else 'contraction' end, 1500, case when n % 3 = 0 then 0 else 900 end,
           begun + interval '80 days')) movement (kind, before, after, at)`,
    [customers],
  );
  await database.query(
    `insert into customer_revenues (customer_id, revision, mrr, updated_at)
     select customer_id, 1, jsonb_build_object(currency, sum(amount_minor)), now()
     from mrr_movements group by customer_id, currency`,
  );
  await database.query('reset session_replication_role');
  await database.query('vacuum analyze');
}

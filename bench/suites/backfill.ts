import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import Stripe from 'stripe';
import { findFreePort } from '../../src/platform/development/free-port.js';
import { BenchDatabase } from '../bench-database.js';
import { environmentOf } from '../targets.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../report.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 100_000;
/** At these shares of the run the memory is read. */
const MARKS = [0.1, 0.5, 0.99];

/**
 * How fast a backfill imports customers into an empty database, and whether its memory stays flat: the built
 * CLI against the fake Stripe as a process of its own, both without a rate limit. Beside it, in the same run, a
 * bare loop that only lists all pages through the SDK: what Stripe's side alone costs.
 */
export const measureBackfill: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const port = await findFreePort();
  const stripe = await startFake(port, customers);
  workplace.defer(() => end(stripe));
  const database = await BenchDatabase.create(workplace.postgres, 'backfill');
  workplace.defer(() => database.close());
  await database.migrate();
  await database.query(
    `insert into users (id, email, name, created_at)
     select 'user-' || n, 'ada.' || n || '@example.com', 'Ada Lovelace', now() from generate_series(1, $1::integer) n`,
    [customers],
  );
  await database.query('vacuum analyze users');
  const listing = customers / (await timed(() => listAll(port)));
  const rss: number[] = [];
  const imported =
    customers / (await timed(async () => void rss.push(...(await runBackfill(port, database, customers)))));
  const stored = await database.count('customers');
  if (stored !== customers) throw new Error(`${stored} of ${customers} customers are stored`);
  const goal: Goal = { name: 'customers/s', measured: imported, unit: '', relation: '≥', bound: 1500 };
  const figures = table(
    ['figure', 'measured'],
    [
      ['backfill, start and end included', `${imported.toFixed(0)} customers/s`],
      ['bare loop over the lists', `${listing.toFixed(0)} customers/s`],
      ['RSS at 10 %, 50 %, 99 %', `${rss.join(', ')} MB`],
    ],
  );
  const markdown = `${figures}\n\n${goalTable([goal])}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection('backfill', `## Importing ${customers} customers\n\n${machine}\n\n${markdown}`);
};

async function startFake(port: number, customers: number): Promise<ChildProcess> {
  const args = ['--import', 'tsx', 'test/support/fake-stripe/main.ts', '--port', String(port)];
  const fake = spawn(process.execPath, [...args, '--customers', String(customers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(fake.stdout, 'data');
  return fake;
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function listAll(port: number): Promise<void> {
  const options = { host: '127.0.0.1', port, protocol: 'http', telemetry: false } as const;
  const sdk = new Stripe('sk_test_bench', options);
  let after: string | undefined;
  for (;;) {
    const page = await sdk.customers.list({ limit: 100, ...(after ? { starting_after: after } : {}) });
    if (!page.has_more) return;
    after = page.data.at(-1)?.id;
  }
}

/** Runs the CLI to its end. @returns its memory at the marks, in MB */
async function runBackfill(port: number, database: BenchDatabase, customers: number): Promise<number[]> {
  const cli = spawn(
    process.execPath,
    [
      '--max-semi-space-size=32',
      '--max-old-space-size=256',
      'dist/cli/main.js',
      'backfill',
      '--since',
      '2020-01-01',
      '--rate',
      '0',
    ],
    {
      env: {
        PATH: process.env.PATH,
        ...environmentOf(database.url, 'none'),
        STRIPE_SECRET_KEY: 'sk_test_bench',
        STRIPE_API_URL: `http://127.0.0.1:${port}`,
      },
      stdio: 'inherit',
    },
  );
  const exit = once(cli, 'exit');
  const rss: number[] = [];
  const watching = setInterval(() => {
    void database
      .query(
        `select coalesce(sum((counts -> 'customers' ->> 'checked')::int), 0) as done from reconciliations`,
      )
      .then(({ rows }) => {
        const mark = MARKS[rss.length];
        if (mark !== undefined && Number(rows[0].done) >= mark * customers) rss.push(rssMb(cli.pid));
      })
      .catch(() => undefined);
  }, 100);
  const [code] = await exit;
  clearInterval(watching);
  if (code !== 0) throw new Error(`The backfill ended with ${code}`);
  return rss;
}

function rssMb(pid: number | undefined): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}

/** @returns seconds */
async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Stripe from 'stripe';
import { findFreePort } from '../src/platform/development/free-port.js';
import { BenchDatabase } from './bench-database.js';
import { Workplace } from './workplace.js';

/**
 * How fast a backfill imports customers into an empty database, and whether its memory stays flat: the built
 * CLI against the fake Stripe as a process of its own, both without a rate limit. Beside it, in the same run, a
 * bare loop that only lists all pages through the SDK: what Stripe's side alone costs.
 */
const { values: flags } = parseArgs({ options: { customers: { type: 'string', default: '100000' } } });
const customers = Number(flags.customers);
const GOAL_PER_SECOND = 1500;

const workplace = await Workplace.open();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void workplace.clean().then(() => process.exit(130)));
}
try {
  await bench();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await workplace.clean();
}

async function bench(): Promise<void> {
  const port = await findFreePort();
  const stripe = await startFake(port);
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

  const listing = await timed(() => listAll(port));
  console.log(`Listing alone: ${perSecond(listing)} customers/s`);
  const backfill = await timed(() => runBackfill(port, database));
  const stored = await database.count('customers');
  if (stored !== customers) throw new Error(`${stored} of ${customers} customers are stored`);
  console.log(
    `Backfill: ${perSecond(backfill)} customers/s (goal: ${GOAL_PER_SECOND}), start and end included`,
  );
  if (customers / backfill < GOAL_PER_SECOND) process.exitCode = 1;
}

async function startFake(port: number): Promise<ChildProcess> {
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

/** Runs the CLI to its end and tells its memory on the way. */
async function runBackfill(port: number, database: BenchDatabase): Promise<void> {
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
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        STRIPE_SECRET_KEY: 'sk_test_bench',
        STRIPE_API_URL: `http://127.0.0.1:${port}`,
      },
      stdio: 'inherit',
    },
  );
  const exit = once(cli, 'exit');
  const marks = [0.1, 0.5, 0.99];
  const watching = setInterval(() => {
    void database
      .query(
        `select coalesce(sum((counts -> 'customers' ->> 'checked')::int), 0) as done from reconciliations`,
      )
      .then(({ rows }) => {
        if (marks[0] === undefined || Number(rows[0].done) < marks[0] * customers) return;
        console.log(`RSS at ${Math.round(marks[0] * 100)} %: ${rssMb(cli.pid)} MB`);
        marks.shift();
      })
      .catch(() => undefined);
  }, 100);
  const [code] = await exit;
  clearInterval(watching);
  if (code !== 0) throw new Error(`The backfill ended with ${code}`);
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

function perSecond(seconds: number): number {
  return Math.round(customers / seconds);
}

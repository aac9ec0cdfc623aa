import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import Stripe from 'stripe';
import { findFreePort } from '../../src/platform/development/free-port.js';
import { BenchDatabase } from '../bench-database.js';
import { environmentOf } from '../targets.js';
import { timed } from '../timed.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../report.js';
import type { Workplace } from '../workplace.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 100_000;
/** Memory is read at these shares of the run. */
const MARKS = [0.1, 0.5, 0.99];

/**
 * Measures how fast a backfill imports customers into an empty database, and whether its memory stays flat.
 * The built CLI reads from the fake Stripe in another process, both without a rate limit. A bare loop in the
 * same run lists all pages through the SDK: it shows how much of the time is Stripe's side.
 */
export const measureBackfill: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const bare = await measureImport(workplace, customers, false);
  const subscribed = await measureImport(workplace, customers, true);
  const figures = table(
    ['figure', 'customers only', 'each with a subscription'],
    [
      [
        'backfill, start and end included, customers/s',
        bare.imported.toFixed(0),
        subscribed.imported.toFixed(0),
      ],
      [
        'bare loop over the list of customers, customers/s',
        bare.listing.toFixed(0),
        subscribed.listing.toFixed(0),
      ],
      ['RSS at 10 %, 50 %, 99 % of the customers, MB', bare.rss.join(', '), subscribed.rss.join(', ')],
      ['RSS at the end, MB', bare.lastRss.toFixed(0), subscribed.lastRss.toFixed(0)],
    ],
  );
  const goals: Goal[] = [
    { name: 'customers/s', measured: bare.imported, unit: '', relation: '≥', bound: 1500 },
    {
      name: 'customers/s, with subscriptions',
      measured: subscribed.imported,
      unit: '',
      relation: '≥',
      bound: 1000,
    },
  ];
  const markdown = `${figures}\n\n${goalTable(goals)}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection('backfill', `## Importing ${customers} customers\n\n${machine}\n\n${markdown}`);
};

/** Rates per second, memory in MB. */
interface Import {
  imported: number;
  listing: number;
  rss: number[];
  lastRss: number;
}

/** Imports customers into a new database. @throws when one of them, or of their subscriptions, is not stored */
async function measureImport(
  workplace: Workplace,
  customers: number,
  hasSubscriptions: boolean,
): Promise<Import> {
  const port = await findFreePort();
  const stripe = await startFake(port, customers, hasSubscriptions);
  const database = await BenchDatabase.create(workplace.postgres, `backfill_${hasSubscriptions}`);
  workplace.defer(() => database.close());
  workplace.defer(() => end(stripe));
  await database.migrate();
  await database.query(
    `insert into users (id, email, name, created_at)
     select 'user-' || n, 'ada.' || n || '@example.com', 'Ada Lovelace', now() from generate_series(1, $1::integer) n`,
    [customers],
  );
  await database.query('vacuum analyze users');
  const listing = customers / (await timed(() => listAll(port)));
  let rss: number[] = [];
  let lastRss = 0;
  const seconds = await timed(async () => {
    ({ rss, lastRss } = await runBackfill(port, database, customers));
  });
  const expected = { customers, subscriptions: hasSubscriptions ? customers : 0 };
  for (const [name, count] of Object.entries(expected)) {
    const stored = await database.count(name);
    if (stored !== count) throw new Error(`${stored} of ${count} ${name} are stored`);
  }
  return { imported: customers / seconds, listing, rss, lastRss };
}

async function startFake(port: number, customers: number, hasSubscriptions: boolean): Promise<ChildProcess> {
  const args = ['--import', 'tsx', 'test/support/fake-stripe/main.ts', '--port', String(port)];
  const flags = ['--customers', String(customers), ...(hasSubscriptions ? ['--subscriptions'] : [])];
  const fake = spawn(process.execPath, [...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
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

/** Runs the CLI until it ends. @returns its memory at the marks and when it was seen last, in MB */
async function runBackfill(
  port: number,
  database: BenchDatabase,
  customers: number,
): Promise<Pick<Import, 'rss' | 'lastRss'>> {
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
  let lastRss = 0;
  const watching = setInterval(() => {
    lastRss = rssMb(cli.pid) || lastRss;
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
  return { rss, lastRss };
}

/** 0 once the process has ended. */
function rssMb(pid: number | undefined): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round((Number(kilobytes ?? 0) * 1024) / 1e6);
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchDatabase } from '../../bench-database.js';
import { describeMachine, type Goal, goalTable, precise, table, writeSection } from '../../report.js';
import { median } from '../../statistics.js';
import { storeCustomers } from '../../stored-customers.js';
import { Target } from '../../targets.js';
import { timed } from '../../timed.js';
import type { Workplace } from '../../workplace.js';
import { MailSink } from '../delivery/mail-sink.js';
import { probe } from '../delivery/probe.js';
import type { Suite } from '../suite.js';
import { callAdmin, connect, CRM_ENV, startCrm } from './crm.js';

const CUSTOMERS = 100_000;
/** Memory is read at these shares of the backfill. */
const MARKS = [0.1, 0.5, 0.99];
const POLL_MS = 200;
const NEWCOMERS = 600;
const NEWCOMERS_PER_SECOND = 40;

/** Measures a backfill into a CRM, and what a connector that never answers does to another one and to mails. */
export const measureConnectors: Suite = async (workplace, { customers = CUSTOMERS, plan, isRecorded }) => {
  const backfill = await measureBackfill(workplace, customers);
  const rounds = await measureDeadConnector(workplace, plan.rounds);
  const ratio = (of: 'crmMs' | 'mailMs') => median(rounds.map(({ usual, dead }) => dead[of] / usual[of]));
  const goals: Goal[] = [
    { name: 'backfill, customers/s', measured: backfill.perSecond, unit: '', relation: '≥', bound: 1000 },
    {
      name: 'p95 to the other connector beside a dead one',
      measured: ratio('crmMs'),
      unit: '×',
      relation: '≤',
      bound: 1.1,
    },
    {
      name: 'p95 to the mail beside a dead connector',
      measured: ratio('mailMs'),
      unit: '×',
      relation: '≤',
      bound: 1.1,
    },
  ];
  const rows = rounds.flatMap(({ usual, dead }, round) => [
    [String(round + 1), 'both answer', precise(usual.crmMs), precise(usual.mailMs)],
    [String(round + 1), 'one is dead', precise(dead.crmMs), precise(dead.mailMs)],
  ]);
  const markdown = [
    `A backfill of ${customers} customers in batches of 100, without a limit of rate, into a fake CRM in another process: ${backfill.perSecond.toFixed(0)} customers/s. RSS at 10 %, 50 % and 99 %: ${backfill.rss.map((mb) => mb.toFixed(0)).join(', ')} MB.`,
    `From the creation of a customer, ${NEWCOMERS_PER_SECOND} a second, to its contact and to its mails:`,
    table(['round', 'connectors', 'p95 ms to the contact', 'p95 ms to the mail'], rows),
    goalTable(goals),
  ].join('\n\n');
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection('connectors', `## Delivering to connectors\n\n${machine}\n\n${markdown}`);
};

async function measureBackfill(
  workplace: Workplace,
  customers: number,
): Promise<{ perSecond: number; rss: number[] }> {
  const service = await Target.start(workplace, 'service', {
    name: 'connector-backfill',
    env: { ...CRM_ENV, PROCESS_ROLES: 'api,worker' },
    preload: { customers, fill: storeCustomers },
  });
  await connect(service.server.url, 'crm', await startCrm(workplace, 'answers'));
  const rss: number[] = [];
  const delivered = () => service.database.count(`deliveries where status = 'accepted'`);
  const seconds = await timed(async () => {
    await callAdmin(service.server.url, 'connectors/crm/backfills', {});
    for (let done = 0; done < customers; done = await delivered()) {
      if (done >= (MARKS[rss.length] ?? Infinity) * customers) rss.push(service.server.rssMb);
      await sleep(POLL_MS);
    }
  });
  await service.server.stop();
  return { perSecond: customers / seconds, rss };
}

/** 95th percentiles. */
interface Latencies {
  crmMs: number;
  mailMs: number;
}

interface Round {
  usual: Latencies;
  dead: Latencies;
}

async function measureDeadConnector(workplace: Workplace, rounds: number): Promise<Round[]> {
  const sink = await MailSink.start();
  workplace.defer(() => sink.goAway());
  const env = { ...CRM_ENV, SMTP_PORT: String(sink.port) };
  const api = await Target.start(workplace, 'service', { name: 'dead-api', env });
  const { database } = api;
  await Target.start(workplace, 'service', {
    name: 'dead-worker',
    env: { ...env, PROCESS_ROLES: 'worker' },
    database,
  });
  const answering = await startCrm(workplace, 'answers');
  await connect(api.server.url, 'crm', answering);
  await connect(api.server.url, 'other', answering);
  await connect(api.server.url, 'dead', await startCrm(workplace, 'silent'));
  await callAdmin(api.server.url, 'connectors/dead/disable', {});
  await createSome(api, 'warm-up');
  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const usual = await createSome(api, `usual-${round}`);
    await swap(api, 'other', 'dead');
    const dead = await createSome(api, `dead-${round}`);
    await swap(api, 'dead', 'other');
    measured.push({ usual, dead });
  }
  return measured;
}

async function swap({ server }: Target, from: string, to: string): Promise<void> {
  await callAdmin(server.url, `connectors/${to}/enable`, {});
  await callAdmin(server.url, `connectors/${from}/disable`, {});
}

/** Creates customers at a fixed rate, and waits until all have their contact and their mails. */
async function createSome({ server, database }: Target, keys: string): Promise<Latencies> {
  await database.createUsers(keys, NEWCOMERS);
  const all = Array.from({ length: NEWCOMERS }, (_, index) => `${keys}-${index + 1}`);
  const since = new Date();
  await probe(server.url, all, NEWCOMERS_PER_SECOND);
  while ((await database.count(`notifications where status = 'queued'`)) > 0) await sleep(POLL_MS);
  while ((await database.count(WAITING_FOR_CRM)) > 0) await sleep(POLL_MS);
  const [crmMs, mailMs] = [await p95(database, CONTACTS, since), await p95(database, MAILS, since)];
  return { crmMs, mailMs };
}

async function p95(database: BenchDatabase, waits: string, since: Date): Promise<number> {
  const { rows } = await database.query(
    `select percentile_cont(0.95) within group (order by extract(epoch from wait) * 1000) as ms from (${waits}) waits`,
    [since],
  );
  return Number(rows[0].ms);
}

const WAITING_FOR_CRM = `deliveries where connector = 'crm' and status in ('queued', 'delivering')`;

/** The first delivery of each customer. */
const CONTACTS = `
  select distinct on (customer.id) delivery.ended_at - customer.created_at as wait
  from customers customer join deliveries delivery on delivery.customer_id = customer.id
  where customer.created_at >= $1 and delivery.connector = 'crm' and delivery.kind = 'upsertPerson'
  order by customer.id, delivery.position`;

const MAILS = `select sent_at - created_at as wait from notifications where created_at >= $1 and sent_at is not null`;

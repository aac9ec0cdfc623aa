import { percentile } from '../../statistics.js';
import type { BenchDatabase } from '../../bench-database.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../../report.js';
import { runJob } from '../../run-job.js';
import { Target } from '../../targets.js';
import { timed } from '../../timed.js';
import { probe } from '../delivery/probe.js';
import { storePopulation } from '../growth.js';
import type { Suite } from '../suite.js';

const CUSTOMERS = 1_000_000;
const EVENTS_PER_SECOND = 50;
const PROBED_SECONDS = 20;

/** Trains on many customers, scores all of them while new ones arrive, and scores again what changed. */
export const measureScoring: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const target = await Target.start(workplace, 'service', {
    name: 'scoring',
    env: { PROCESS_ROLES: 'api,worker', NOTIFICATION_CHANNELS: 'in_app' },
    preload: { customers, fill: storeLives },
  });
  const { database, server } = target;
  const probeAs = (keys: string) => p99Of(target, keys);
  await probeAs('warm-up');
  const quietMs = await probeAs('quiet');
  const restingMb = server.peakRssMb;
  const trainSeconds = await timed(() => runJob(database, 'train-predictions'));
  const trainingMb = server.peakRssMb;
  const models = await database.query(MODELS);
  const scoring = timed(() => runJob(database, 'score-customers'));
  const scoringMs = await probeAs('scoring');
  const scoreSeconds = await scoring;
  const scored = await database.count('customer_predictions');
  const scoredToChurn = await database.count(`customer_predictions where target = 'churns'`);
  const payers = await database.count(PAYERS);
  const againSeconds = await timed(() => runJob(database, 'score-customers'));
  const rows: [string, string][] = [
    ...models.rows.map((row): [string, string] => [
      `model: ${row.target}`,
      `${row.kind}, ${row.status}, ${row.rows} rows`,
    ]),
    ['training of all predictions', `${trainSeconds.toFixed(1)} s`],
    ['scored customers', String(scored)],
    ['scoring of what changed and of those whose turn it is', `${againSeconds.toFixed(1)} s`],
    [
      'peak RSS at rest, after the training, after the scoring',
      [restingMb, trainingMb, server.peakRssMb].map((mb) => `${mb.toFixed(0)} MB`).join(', '),
    ],
  ];
  const goals: Goal[] = [
    {
      name: 'customers with a score for churn, against those who could',
      measured: scoredToChurn / payers,
      unit: '×',
      relation: '≥',
      bound: 1,
    },
    {
      name: 'scoring of all customers',
      measured: 1000 * scoreSeconds,
      unit: 'ms',
      relation: '≤',
      bound: 60_000,
    },
    {
      name: 'p99 of new customers while all are scored, against before',
      measured: scoringMs / quietMs,
      unit: '×',
      relation: '≤',
      bound: 1.2,
    },
  ];
  const markdown = `${table(['what', 'measured'], rows)}\n\n${goalTable(goals)}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  const title = `Predictions of ${customers} customers with ${20 * customers} events`;
  writeSection('scoring', `## ${title}\n\n${machine}\n\n${markdown}`);
};

async function p99Of(target: Target, keys: string): Promise<number> {
  const events = EVENTS_PER_SECOND * PROBED_SECONDS;
  await target.database.createUsers(keys, events);
  const all = Array.from({ length: events }, (_, index) => `${keys}-${index + 1}`);
  const answers = await probe(target.server.url, all, EVENTS_PER_SECOND);
  const latencies = answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  return percentile(latencies, 0.99);
}

/** All customers pay. Those of one source left once, for five days, and were as likely to leave at any age: the newest are like the oldest. */
export async function storeLives(database: BenchDatabase, customers: number): Promise<void> {
  await storePopulation(database, customers);
  await database.query('set session_replication_role = replica');
  for (const statement of LIVES) await database.query(statement);
  await database.query('reset session_replication_role');
  await database.query('vacuum analyze');
}

const BORN =
  'from customers, lateral (select stripe_created_at as born, abs(hashtext(id::text)) as n) as life';

const LIVES = [
  `select setval('people_person_id_seq', (select max(person_id) from people))`,
  `insert into lifecycle_transitions (id, customer_id, from_stage, to_stage, trigger, occurred_at, recorded_at)
   select gen_random_uuid(), id, null, stage, 'subscription_changed', at, at ${BORN},
     lateral (select -90 * ln(1 - n % 9973 / 9973.0) as stayed) as stay, lateral (values
     ('onboarding', born), ('active', born + n % 7 * interval '1 day'),
     (case when n % 5 = 0 then 'churned' end, born + (7 + stayed) * interval '1 day'),
     (case when n % 5 = 0 then 'active' end, born + (12 + stayed) * interval '1 day')) as stages (stage, at)
   where stage is not null and at < now() - interval '1 hour'`,
  `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at, recorded_at)
   select gen_random_uuid(), id, 'new', 'usd', 900 + n % 5 * 1000, 0, 900 + n % 5 * 1000, born, born ${BORN}`,
  `insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at, recorded_at)
   select gen_random_uuid(), 'customer_created', stripe_event_id, id, user_id,
     (array['google', 'newsletter', 'partner', 'fair', 'friends'])[1 + n % 5],
     jsonb_build_object('country', (array['ES', 'DE', 'FR', 'US'])[1 + n % 4], 'currency', 'usd', 'locale', 'en-US'), born, born ${BORN}`,
  `insert into notifications (id, customer_id, user_id, kind, channel, occurrence, status, attempts, created_at, updated_at)
   select overlay(id::text placing '00000000' from 1)::uuid, id, user_id, 'welcome', 'email', '', 'sent', 1, born, born ${BORN}`,
  `insert into notification_attempts (id, notification_id, outcome, duration_ms, attempted_at)
   select overlay(id::text placing '00000000' from 1)::uuid, overlay(id::text placing '00000000' from 1)::uuid,
     'accepted', 1, born ${BORN}`,
];

const PAYERS = `customer_lifecycles where stage in ('active', 'past_due', 'at_risk')`;

const MODELS = `
  select target, status, model ->> 'kind' as kind, card ->> 'rows' as rows from prediction_models order by trained_at`;

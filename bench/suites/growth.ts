import { setTimeout as sleep } from 'node:timers/promises';
import { smallestUuidOf } from '../../src/platform/database/uuid.js';
import { storeSegments } from '../../test/support/database/stored-segments.js';
import type { BenchDatabase } from '../bench-database.js';
import { storeGrowth } from '../growth-population.js';
import { GROWTH_QUESTIONS, timeKeptAnswers } from '../growth-questions.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../report.js';
import { runJob } from '../run-job.js';
import { median, percentile } from '../statistics.js';
import { AUTHORIZATION, Target } from '../targets.js';
import { timed } from '../timed.js';
import { probe } from './delivery/probe.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 1_000_000;
const ASKED = 3;
const KEPT_READS = 11;
const EVENTS_PER_SECOND = 50;
const PROBED_SECONDS = 20;
const FILL_TIMEOUT_MS = 600_000;
/** Each process looks for changed definitions once a second. */
const DEFINITIONS_KNOWN_AFTER_MS = 3000;
const POLLED_EVERY_MS = 20;

/** Rules whose previews are timed, and the last of which is defined. */
const RULES: readonly [title: string, rule: object][] = [
  ['a key of the metadata', { type: 'metadata', key: 'plan', equals: 'team' }],
  ['a stage, for two weeks', { all: [stage('active'), { type: 'in_stage_for', atLeast: { days: 14 } }] }],
  ['a milestone within its first week', milestone('first_payment', { withinFirst: { days: 7 } })],
  ['three reports within 30 days', did('report_viewed', { atLeast: 3, withinLast: { days: 30 } })],
  [
    'payers who have not invited within 30 days',
    {
      all: [
        milestone('first_payment', { reached: true }),
        { type: 'field', field: 'country', in: ['es', 'de'] },
        { not: did('invite_sent', { atLeast: 1, withinLast: { days: 30 } }) },
      ],
    },
  ],
];

function stage(name: string): object {
  return { type: 'stage', in: [name] };
}

function milestone(name: string, test: object): object {
  return { type: 'milestone', milestone: name, ...test };
}

function did(event: string, test: object): object {
  return { type: 'behaviour', event, ...test };
}

/** Measures questions, previews of segments and the filling of one, over many customers with twenty events each. */
export const measureGrowth: Suite = async (workplace, { customers = CUSTOMERS, isRecorded }) => {
  const target = await Target.start(workplace, 'service', {
    name: 'growth',
    env: { PROCESS_ROLES: 'api,worker' },
    preload: { customers, fill: storePopulation },
  });
  const api = new AdminApi(target.server.url);
  const rows: [title: string, measured: string][] = [];
  const goals: Goal[] = [];
  for (const [title, definition, boundMs] of GROWTH_QUESTIONS) {
    const ms = await api.time('analytics/answers', { definition });
    rows.push([title, `${ms.toFixed(0)} ms`]);
    if (boundMs) goals.push({ name: title, measured: ms, unit: 'ms', relation: '≤', bound: boundMs });
  }
  const { refreshSeconds, times } = await timeKeptAnswers(target.server.url, AUTHORIZATION, {
    reads: KEPT_READS,
    refresh: () => runJob(target.database, 'refresh-rollups'),
  });
  rows.push(['the hourly refresh of the kept answers', `${(1000 * refreshSeconds).toFixed(0)} ms`]);
  for (const { title: name, ms } of times) {
    goals.push({ name, measured: ms, unit: 'ms', relation: '≤', bound: 50 });
  }
  for (const [title, rule] of RULES) {
    const name = `preview: ${title}`;
    const ms = await api.time('segments/preview', { rule });
    rows.push([name, `${ms.toFixed(0)} ms`]);
    goals.push({ name, measured: ms, unit: 'ms', relation: '≤', bound: 2000 });
  }
  goals.push(...(await measureFilling(target, api)));
  goals.push({
    name: 'from COMMIT to the list of members, p95',
    measured: await visibleAfterMs(target),
    unit: 'ms',
    relation: '≤',
    bound: 1000,
  });
  const markdown = `${table(['question', 'median'], rows)}\n\n${goalTable(goals)}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  const title = `Behaviour and segments of ${customers} customers with ${20 * customers} events`;
  writeSection('growth', `## ${title}\n\n${machine}\n\n${markdown}`);
};

/** The time until a new version serves, and the p99 of new customers during that time against the time before. */
async function measureFilling(target: Target, api: AdminApi): Promise<Goal[]> {
  const probeAs = (keys: string) => p99Of(target, keys);
  await api.post('segments', { name: 'edited', rule: RULES[0]?.[1] });
  await api.untilServing('edited', 1);
  await probeAs('warm-up');
  const quietMs = await probeAs('quiet');
  const filling = timed(async () => {
    await api.post('segments/edited', { rule: RULES.at(-1)?.[1] }, 'PATCH');
    await api.untilServing('edited', 2);
  });
  const fillingMs = await probeAs('filling');
  return [
    {
      name: 'filling of an edited segment',
      measured: 1000 * (await filling),
      unit: 'ms',
      relation: '≤',
      bound: 60_000,
    },
    {
      name: 'p99 of new customers while it is filled, against before',
      measured: fillingMs / quietMs,
      unit: '×',
      relation: '≤',
      bound: 1.2,
    },
  ];
}

/** How long it takes until new customers are in the list of a segment that all of them enter. */
async function visibleAfterMs(target: Target): Promise<number> {
  await storeSegments(async (text, values) => (await target.database.query(text, values)).rows, {
    entered: { type: 'bucket', unit: 'customer', seed: 'entered', from: 0, to: 1 },
  });
  await sleep(DEFINITIONS_KNOWN_AFTER_MS);
  const startedAt = new Date();
  const delays = new Map<string, number>();
  let isSent = false;
  const probing = p99Of(target, 'visible').then(() => (isSent = true));
  for (let isOver = false; !isOver; await sleep(POLLED_EVERY_MS)) {
    isOver = isSent && delays.size >= EVENTS_PER_SECOND * PROBED_SECONDS;
    const { rows } = await target.database.query(NEW_MEMBERS, [smallestUuidOf(startedAt)]);
    const now = Date.now();
    for (const { id, at } of rows) if (!delays.has(id)) delays.set(id, now - at.getTime());
  }
  await probing;
  return percentile(
    [...delays.values()].toSorted((a, b) => a - b),
    0.95,
  );
}

/** Ids are ordered by time. */
const NEW_MEMBERS = `
  select customer_id as id, customers.created_at as at
  from customers join segment_members on customer_id = customers.id
  join segments on serving_version_id = version_id
  where segments.name = 'entered' and customers.id > $1`;

async function p99Of(target: Target, keys: string): Promise<number> {
  const events = EVENTS_PER_SECOND * PROBED_SECONDS;
  await target.database.createUsers(keys, events);
  const all = Array.from({ length: events }, (_, index) => `${keys}-${index + 1}`);
  const answers = await probe(target.server.url, all, EVENTS_PER_SECOND);
  return percentile(
    answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b),
    0.99,
  );
}

/** The operator's side of the measurement. */
class AdminApi {
  constructor(private readonly url: string) {}

  async post<T>(path: string, body?: object, method = 'POST'): Promise<T> {
    const answer = await fetch(`${this.url}/admin/${path}`, {
      method: body ? method : 'GET',
      headers: {
        authorization: AUTHORIZATION,
        'content-type': 'application/json',
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: answered ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** The median of some calls, in milliseconds. */
  async time(path: string, body: object): Promise<number> {
    const times: number[] = [];
    for (let n = 0; n < ASKED; n += 1) times.push(1000 * (await timed(() => this.post(path, body))));
    return median(times);
  }

  async untilServing(segment: string, version: number): Promise<void> {
    for (const startedAt = Date.now(); ; await sleep(100)) {
      const { versions } = await this.post<{ versions: { version: number; status: string }[] }>(
        `segments/${segment}`,
      );
      if (versions.some((one) => one.version === version && one.status === 'serving')) return;
      if (Date.now() - startedAt > FILL_TIMEOUT_MS) throw new Error(`${segment} does not serve`);
    }
  }
}

/** Fills an empty schema with customers who have behaved, and have a stage and milestones. */
export async function storePopulation(database: BenchDatabase, customers: number): Promise<void> {
  await storeGrowth(database, customers);
  await database.query('set session_replication_role = replica');
  await database.query(STORE_CUSTOMERS, [customers]);
  await database.query('reset session_replication_role');
  await database.query('vacuum analyze customers');
}

/** The customers of the people and lifecycles that are stored already. */
const STORE_CUSTOMERS = `
  insert into customers (id, user_id, stripe_customer_id, livemode, stripe_event_id, email, address, metadata,
    preferred_locales, balance_minor, additional_fields, stripe_created_at, state_at, state_told_by, created_at, updated_at)
  select customer_id, 'user-' || n, 'cus_growth' || n, false, 'evt_growth' || n, 'user.' || n || '@example.com',
    jsonb_build_object('country', (array['ES', 'DE', 'FR', 'US'])[1 + n % 4]),
    jsonb_build_object('plan', (array['free', 'team', 'business'])[1 + n % 3]), '["en"]', 0, '{}',
    stage_entered_at, stage_entered_at, 'customer.created', stage_entered_at, stage_entered_at
  from generate_series(1, $1::int) n join customer_lifecycles on customer_id = md5(n::text)::uuid`;

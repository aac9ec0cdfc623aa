import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { LIFECYCLE_STAGES } from '../../src/events/lifecycle/lifecycle-names.js';
import { PREDICTION_TARGETS, type PredictionTarget } from '../../src/events/prediction-targets.js';
import {
  ARMS,
  CURRENCIES,
  EVENTS,
  EXPERIMENTS,
  KEYS,
  MILESTONES,
  NUMBERS,
  SCORES,
  TEXTS,
  WINDOWS,
} from './arbitrary-rules.js';
import type { CustomerFacts } from '../../src/segments/rules/customer-facts.js';
import { lengthOf } from '../../src/segments/rules/verdict.js';
import type { TestDatabase } from '../support/database/test-database.js';

/** A customer as stored. Times are in microseconds, as PostgreSQL has them. */
export interface StoredCustomer {
  id: string;
  userId: string | null;
  email: string;
  name: string | null;
  address: Record<string, unknown> | null;
  metadata: Record<string, unknown>;
  locales: unknown[];
  currency: string | null;
  account: string | null;
  livemode: boolean;
  delinquent: boolean | null;
  stripeCreatedAt: number | null;
  createdAt: number;
  lifecycle: { stage: string; enteredAt: number; milestones: Record<string, string | null> } | null;
  mrr: Record<string, number> | null;
  predictions: { target: PredictionTarget; score: number; isHeldOut: boolean }[];
  events: { name: string; occurredAt: number; properties: Record<string, unknown> }[];
  memberOf: number[] | null;
  /** The phase of each of the user's experiments, and the place of the arm. */
  arms: { phaseId: number; arm: number }[];
}

const from = <T>(values: readonly T[]) => fc.constantFrom(...values);
/** How long ago, in milliseconds, so that calendar periods begin in between. */
const HOURS = [3, 11, 19, 27, 80, 150, 400].map((count) => count * 3_600_000);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 4 });
const text = fc.oneof(from(TEXTS), fc.constant(''));
const value = fc.oneof(
  text,
  from<unknown>([...NUMBERS, 1e20, 1e22]),
  fc.boolean(),
  fc.constant(null),
  fc.constant({ a: 1 }),
);
const dictionary = fc
  .array(fc.tuple(from(KEYS), value), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as Record<string, unknown>);

/** Times at which a window ends now, a little beside them, at the same second, and just after now. */
function microsecondsAround(now: Date): fc.Arbitrary<number> {
  const windows = [0, 1000, -1000, ...WINDOWS.map(lengthOf), ...HOURS];
  return fc
    .tuple(from(windows), fc.integer({ min: -1, max: 1 }), fc.constantFrom(0, 0, 1, 500, 999))
    .map(
      ([window, milliseconds, microseconds]) => (now.getTime() - window + milliseconds) * 1000 + microseconds,
    );
}

/** Any customer with times around `now`, and a stored membership in the segments. */
export function arbitraryCustomer(now: Date, segments: readonly number[]): fc.Arbitrary<StoredCustomer> {
  const time = microsecondsAround(now);
  const iso = time.map((at) => new Date(Math.floor(at / 1000)).toISOString());
  const reachedAt = fc.oneof(iso, fc.constantFrom('2026-02-30T00:00:00.000Z', 'soon', '', null));
  const milestones = fc.array(fc.tuple(from(MILESTONES), reachedAt), { maxLength: 3 });
  return fc.record<StoredCustomer>({
    id: fc.uuid(),
    userId: maybe(fc.tuple(from(TEXTS), fc.uuid()).map(([prefix, id]) => prefix + id)),
    email: fc.oneof(
      fc.constant(''),
      text.map((domain) => `AZ@${domain}`),
    ),
    name: maybe(text),
    address: maybe(fc.record({ country: value })),
    metadata: dictionary,
    locales: fc.array(fc.oneof(fc.constantFrom('de-AT', 'PT_br', 'pro'), value), { maxLength: 2 }),
    currency: maybe(text),
    account: maybe(text),
    livemode: fc.boolean(),
    delinquent: maybe(fc.boolean()),
    stripeCreatedAt: maybe(time),
    createdAt: time,
    lifecycle: maybe(
      fc.record({
        stage: from(LIFECYCLE_STAGES),
        enteredAt: time,
        milestones: milestones.map((all) => Object.fromEntries(all)),
      }),
    ),
    predictions: fc.uniqueArray(
      fc.record({ target: from(PREDICTION_TARGETS), score: from(SCORES), isHeldOut: fc.boolean() }),
      { selector: ({ target }) => target },
    ),
    mrr: maybe(fc.dictionary(from(CURRENCIES), fc.constantFrom(0, 100, 250))),
    events: fc.array(fc.record({ name: from(EVENTS), occurredAt: time, properties: dictionary }), {
      maxLength: 9,
    }),
    memberOf: maybe(fc.subarray([...segments])),
    arms: fc
      .subarray(EXPERIMENTS.map((_, index) => index))
      .chain((some) => fc.tuple(...some.map(arbitraryArm))),
  });
}

/** Each experiment has two phases. */
function arbitraryArm(experiment: number): fc.Arbitrary<{ phaseId: number; arm: number }> {
  return fc.record({
    phaseId: fc.constantFrom(2 * experiment + 1, 2 * experiment + 2),
    arm: fc.nat({ max: ARMS.length - 1 }),
  });
}

/** A customer with these values, and nothing else. */
export function aStoredCustomer(values: Partial<StoredCustomer>): StoredCustomer {
  return {
    id: randomUUID(),
    userId: null,
    email: '',
    name: null,
    address: null,
    metadata: {},
    locales: [],
    currency: null,
    account: null,
    livemode: true,
    delinquent: null,
    stripeCreatedAt: null,
    createdAt: 0,
    lifecycle: null,
    mrr: null,
    predictions: [],
    events: [],
    memberOf: null,
    arms: [],
    ...values,
  };
}

const millisecondsOf = (microseconds: number) => Math.floor(microseconds / 1000);

/** The facts of a stored customer. */
export function factsOf(stored: StoredCustomer): CustomerFacts {
  const events = new Map<string, CustomerFacts['events'] extends ReadonlyMap<string, infer E> ? E : never>();
  // Events are those of a user.
  const own = stored.userId === null ? [] : stored.events.toSorted((a, b) => b.occurredAt - a.occurredAt);
  for (const { name, occurredAt, properties } of own) {
    events.set(name, [...(events.get(name) ?? []), { occurredAt: millisecondsOf(occurredAt), properties }]);
  }
  return {
    customerId: stored.id,
    userId: stored.userId,
    customer: {
      ...stored,
      phone: null,
      preferredLocales: stored.locales,
      createdAt: millisecondsOf(stored.stripeCreatedAt ?? stored.createdAt),
    },
    lifecycle: stored.lifecycle && {
      stage: stored.lifecycle.stage,
      enteredAt: millisecondsOf(stored.lifecycle.enteredAt),
    },
    milestones: stored.lifecycle?.milestones ?? {},
    mrr: stored.mrr ?? {},
    predictions: Object.fromEntries(
      stored.predictions.flatMap(({ target, score, isHeldOut }) => (isHeldOut ? [] : [[target, score]])),
    ),
    events,
    arms: new Map(stored.userId === null ? [] : stored.arms.map(toNamed)),
    memberOf: new Set(stored.memberOf),
  };
}

function toNamed({ phaseId, arm }: { phaseId: number; arm: number }): [experiment: string, arm: string] {
  return [EXPERIMENTS[(phaseId - 1) >> 1] ?? '', ARMS[arm] ?? ''];
}

/** Replaces the stored customers. */
export async function storeCustomers(
  database: TestDatabase,
  customers: readonly StoredCustomer[],
): Promise<void> {
  await database.rows('set session_replication_role = replica');
  await database.rows(
    'truncate customers, customer_lifecycles, customer_revenues, customer_segments, customer_predictions, people, behaviour_events, experiments, experiment_phases, experiment_units restart identity cascade',
  );
  await database.rows(STORE_EXPERIMENTS, [[...EXPERIMENTS], JSON.stringify(ARMS.map((key) => ({ key })))]);
  for (const statement of STORE) await database.rows(statement, [JSON.stringify(customers)]);
}

const AT = (microseconds: string) =>
  `timestamptz 'epoch' + (${microseconds})::bigint * interval '1 microsecond'`;
const ROWS = 'from jsonb_array_elements($1::jsonb) as c';
const STORE_EXPERIMENTS = `
  with experiment as (
    insert into experiments (name, description, status, goals, guardrails, created_at)
    select name, '', 'running', '[]', '[]', now() from unnest($1::text[]) with ordinality as named (name, place)
    order by place
    returning id
  )
  insert into experiment_phases (experiment_id, number, seed, arms, coverage)
  select id, number, '', $2::jsonb, 1 from experiment, generate_series(1, 2) as number order by id, number`;
const STORE = [
  `insert into customers (id, user_id, stripe_customer_id, livemode, stripe_event_id, account, email, name, address,
     metadata, preferred_locales, currency, balance_minor, delinquent, stripe_created_at, additional_fields, state_at,
     state_told_by, deleted_at, created_at, updated_at)
   select (c->>'id')::uuid, c->>'userId', c->>'id', (c->>'livemode')::boolean, c->>'id', c->>'account', c->>'email',
     c->>'name', nullif(c->'address', 'null'), c->'metadata', c->'locales', c->>'currency', 0,
     (c->>'delinquent')::boolean, ${AT(`c->>'stripeCreatedAt'`)}, '{}', now(), 'api',
     null, ${AT(`c->>'createdAt'`)}, now() ${ROWS}`,
  `insert into customer_lifecycles (customer_id, stage, stage_entered_at, milestones)
   select (c->>'id')::uuid, c->'lifecycle'->>'stage', ${AT(`c->'lifecycle'->>'enteredAt'`)}, c->'lifecycle'->'milestones'
   ${ROWS} where jsonb_typeof(c->'lifecycle') = 'object'`,
  `insert into customer_revenues (customer_id, revision, mrr, updated_at)
   select (c->>'id')::uuid, 1, c->'mrr', now() ${ROWS} where jsonb_typeof(c->'mrr') = 'object'`,
  `insert into customer_segments (customer_id, member_of, first_member_of, is_projected, revision, evaluated_at)
   select (c->>'id')::uuid, array(select jsonb_array_elements_text(c->'memberOf')::integer), '{}', true, 1, now()
   ${ROWS} where jsonb_typeof(c->'memberOf') = 'array'`,
  `insert into experiment_units (user_id, phase_ids, arms, assigned_at, user_age)
   select c->>'userId', array(select (a->>'phaseId')::int from jsonb_array_elements(c->'arms') as a),
     array(select (a->>'arm')::int from jsonb_array_elements(c->'arms') as a), '{}', 'day'
   ${ROWS} where c->>'userId' is not null and c->'arms' <> '[]'`,
  `insert into customer_predictions (customer_id, target, score, model_id, scored_at, is_held_out)
   select (c->>'id')::uuid, p->>'target', (p->>'score')::float8, (c->>'id')::uuid, now(), (p->>'isHeldOut')::boolean
   ${ROWS}, jsonb_array_elements(c->'predictions') as p`,
  `insert into people (user_id) select c->>'userId' ${ROWS} where c->>'userId' is not null`,
  `select make_behaviour_month(month::date) from (
     select distinct date_trunc('month', ${AT(`e->>'occurredAt'`)}) as month
     ${ROWS}, jsonb_array_elements(c->'events') as e) as months`,
  `insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
   select ${AT(`e->>'occurredAt'`)}, gen_random_uuid(), person_id, 'track', e->>'name', e->'properties', '{}'
   ${ROWS}, jsonb_array_elements(c->'events') as e, people where people.user_id = c->>'userId'`,
];

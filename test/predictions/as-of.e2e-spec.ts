import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertAsOf, type Feature } from '../../src/predictions/features/feature.js';
import { featuresFor } from '../../src/predictions/features/feature-list.js';
import { featuresSql, GIVEN_MOMENTS, readFeatures } from '../../src/predictions/features/features-sql.js';
import { ANY_VALUES } from '../../src/predictions/features/vocabulary.js';
import { ACTIVATES } from '../../src/predictions/targets/activates.target.js';
import { CHURNS } from '../../src/predictions/targets/churns.target.js';
import { pastMoments } from '../../src/predictions/targets/target-sql.js';
import { TestDatabase } from '../support/database/test-database.js';
import { plantCustomers } from './planted-population.js';

const DAY_MS = 86_400_000;
const VOCABULARY = { ...ANY_VALUES, source: ['google'], event: ['project_opened', `it's`] };

/** Features that try to see whether the customer pays within the window. */
const PEEKS: Feature[] = [
  {
    name: 'payments_to_come',
    words: '',
    of: 'events',
    sql: `count(*) filter (where name = 'payment_succeeded')`,
    otherwise: 0,
  },
  {
    name: 'anything_to_come',
    words: '',
    of: 'events',
    sql: 'count(*) filter (where days_ago <= 0)',
    otherwise: 0,
  },
  {
    name: 'stages_to_come',
    words: '',
    of: 'stages',
    sql: `count(*) filter (where days_ago <= 0 or stage = 'active')`,
    otherwise: 0,
  },
  { name: 'revenue_to_come', words: '', of: 'revenue', sql: 'sum(amount)', otherwise: 0 },
  { name: 'milestone_to_come', words: '', of: 'customer', sql: 'count(first_payment_days)', otherwise: 0 },
];

describe('a feature at a moment', () => {
  let database: TestDatabase;
  /** Two months ago, in the middle of the planted histories. */
  const t0 = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - 60 * DAY_MS);

  beforeAll(async () => {
    database = await TestDatabase.create();
    await plantCustomers(database, 300);
  });
  afterAll(() => database.drop());

  /** By customer, in the order of the features. */
  async function featuresAt(features: readonly Feature[]): Promise<Map<string, number[]>> {
    const ids = await database.rows<{ id: string }>('select id from customers where created_at <= $1', [t0]);
    const rows = await database.rows<{ customer_id: string; features: string }>(
      featuresSql(features, GIVEN_MOMENTS),
      [t0, t0, ids.map(({ id }) => id), ids.map(() => t0)],
    );
    return new Map(rows.map(({ customer_id: id, features: text }) => [id, numbersOf(text)]));
  }

  function numbersOf(text: string): number[] {
    const numbers: number[] = [];
    readFeatures(text, (index, value) => {
      numbers[index] = value;
    });
    return numbers;
  }

  it('sees nothing that happens or is recorded afterwards, in any table', async () => {
    const before = await featuresAt(featuresFor(VOCABULARY));
    expect(before.size).toBeGreaterThan(100);
    expect(new Set([...before.values()].map((numbers) => numbers.join())).size).toBeGreaterThan(100);
    await database.rows('set session_replication_role = replica');
    for (const statement of WHAT_FOLLOWS) await database.rows(statement, [t0]);
    await database.rows('reset session_replication_role');
    expect(await database.count('behaviour_events', `name = 'payment_succeeded'`)).toBeGreaterThan(100);
    expect(await featuresAt(featuresFor(VOCABULARY))).toEqual(before);
  });

  it('that is planted to peek into the window finds it empty', async () => {
    for (const numbers of (await featuresAt(PEEKS)).values()) expect(numbers).toEqual(PEEKS.map(() => 0));
  });

  it.each([
    ['another table', '(select count(*) from invoices)'],
    ['a table of its own', 'count(*) filter (where exists (table invoices))'],
    ['a column that its relation hides', 'max(occurred_at)'],
    ['the time of recording', 'count(*) filter (where recorded_at is null)'],
    ['a function that reads', `query_to_xml('select 1')`],
    ['a second statement', 'count(*); delete'],
    ['a quoted name', 'count("amount")'],
    ['a text that could hide a quote', `count(*) filter (where name = 'a -- b')`],
    ['a column of another relation', 'max(amount)'],
    ['a setting', 'count(*) filter (where current_user is not null)'],
  ])('that names %s is refused', (_what, sql) => {
    const feature: Feature = { name: 'peek', words: '', of: 'events', sql };
    expect(() => assertAsOf(feature)).toThrow(/^The feature peek may name the columns of events only/);
    expect(() => featuresSql([feature], GIVEN_MOMENTS)).toThrow();
  });

  it('is of no moment before this service knew of the customer', async () => {
    const now = new Date();
    const from = new Date(now.getTime() - 365 * DAY_MS);
    const ids = (await database.rows<{ id: string }>('select id from customers')).map(({ id }) => id);
    const moments = (definition: typeof ACTIVATES) =>
      database.rows<{ customer_id: string; t0: Date }>(pastMoments(definition), [now, from, ids]);
    expect((await moments(ACTIVATES)).length).toBeGreaterThan(300);
    const importedAt = new Date(now.getTime() - 50 * DAY_MS);
    await database.rows('update customers set created_at = greatest(created_at, $1)', [importedAt]);
    await database.rows('update lifecycle_transitions set recorded_at = greatest(recorded_at, $1)', [
      importedAt,
    ]);
    for (const definition of [ACTIVATES, CHURNS])
      for (const moment of await moments(definition))
        expect(moment.t0.getTime()).toBeGreaterThanOrEqual(importedAt.getTime());
  });
});

/** A customer who pays, does much, gets messages and is disputed at the moment or later, and rows that are recorded later. */
const WHAT_FOLLOWS = [
  `insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, type, name, properties, context)
   select at, at, gen_random_uuid(), person_id, type, name, '{}', '{}' from people,
     (values ('fact', 'payment_succeeded'), ('fact', 'payment_failed'), ('fact', 'portal_accessed'), ('track', 'project_opened'), ('page', 'home')) as acts (type, name),
     generate_series($1::timestamptz, $1::timestamptz + interval '9 days', interval '3 days') as at`,
  `insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, type, name, properties, context)
   select $1::timestamptz - interval '5 days', $1::timestamptz + interval '1 second', gen_random_uuid(), person_id, 'track', 'late', '{}', '{}'
   from people`,
  `insert into anonymous_ids (anonymous_id, person_id, recorded_at)
   select 'anonymous-' || person_id, person_id, $1::timestamptz + interval '1 day' from people`,
  `insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, anonymous_id, type, name, properties, context)
   select at, at, gen_random_uuid(), person_id, 'anonymous-' || person_id, 'page', 'landing', '{}', '{}'
   from people, lateral (select $1::timestamptz - interval '2 days' as at) as seen`,
  `insert into lifecycle_transitions (id, customer_id, from_stage, to_stage, trigger, occurred_at, recorded_at)
   select gen_random_uuid(), id, 'onboarding', stage, 'subscription_changed', at, at from customers,
     (values ('active', $1::timestamptz), ('churned', $1::timestamptz + interval '9 days')) as moves (stage, at)`,
  `insert into lifecycle_transitions (id, customer_id, from_stage, to_stage, trigger, occurred_at, recorded_at)
   select gen_random_uuid(), id, 'onboarding', 'active', 'subscription_changed', $1::timestamptz - interval '3 days', $1::timestamptz + interval '1 day'
   from customers`,
  `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at, recorded_at)
   select gen_random_uuid(), id, 'new', 'eur', 900, 0, 900, at, at from customers, (select $1::timestamptz as at) as paid`,
  `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at, recorded_at)
   select gen_random_uuid(), id, 'new', 'usd', 700, 0, 700, $1::timestamptz - interval '3 days', $1::timestamptz + interval '1 day'
   from customers`,
  `update customer_lifecycles set milestones = milestones || jsonb_build_object('first_payment', $1::timestamptz, 'portal_accessed', $1::timestamptz - interval '1 hour'),
     milestones_recorded = milestones_recorded || jsonb_build_object('first_payment', $1::timestamptz, 'portal_accessed', $1::timestamptz + interval '1 hour')`,
  `update customers set currency = 'eur', delinquent = true, address = '{"country": "FR"}', metadata = '{"source": "google"}', updated_at = $1`,
  `update customer_preferences set locale = 'fr', updated_at = $1`,
  `insert into notifications (id, customer_id, user_id, kind, channel, occurrence, status, attempts, created_at, updated_at)
   select md5('n' || id::text)::uuid, id, user_id, 'welcome', 'email', '', 'failed', 1, $1::timestamptz - interval '1 day', $1 from customers`,
  `insert into notification_attempts (id, notification_id, outcome, duration_ms, attempted_at)
   select gen_random_uuid(), id, outcome, 1, $1 from notifications, unnest('{accepted,refused}'::text[]) as outcome`,
  `insert into disputes (customer_id, stripe_dispute_id, stripe_charge_id, status, is_open, currency, amount_minor,
     stripe_event_id, state_at, state_told_by, created_at, updated_at)
   select id, 'dp', 'ch', 'lost', true, 'eur', 1, 'evt', $1, 'api', $1::timestamptz + interval '1 day', $1 from customers`,
];

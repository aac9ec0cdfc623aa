import type { TestDatabase } from '../support/database/test-database.js';

/** UUID v7 of a time, with a random end that follows from a number. */
const ID = (at: string, n: string) =>
  `(lpad(to_hex((extract(epoch from ${at}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${n}::text), 1, 3)
    || '8' || substr(md5(${n}::text), 4, 15))::uuid`;

/** A number from 0 to 1 that follows from a customer and a seed. */
const CHANCE = (n: string, seed: number) => `(abs(hashint8(${n} * 7919 + ${seed})) % 1000) / 1000.0`;

/**
 * Stores customers who were created one after another within the last 180 days. Every other one is keen: it opens a
 * project each day, and most of the keen activate within their first four weeks; few of the others do.
 */
export async function plantCustomers(database: TestDatabase, customers: number): Promise<void> {
  await database.rows('set session_replication_role = replica');
  await database.rows(
    `select make_behaviour_month((now() - ago * interval '1 month')::date) from generate_series(-1, 7) ago`,
  );
  // One transaction has one `now()`, from which all ids follow.
  await database.rows('begin');
  for (const statement of STATEMENTS) await database.rows(statement, [customers]);
  await database.rows('commit');
  await database.rows('reset session_replication_role');
  await database.rows('analyze');
}

const PLANTED = `
  select n, ${ID('born', 'n')} as id, 'user-' || n as user_id, born, n % 2 = 0 as is_keen,
    case when ${CHANCE('n', 1)} < case when n % 2 = 0 then 0.8 else 0.15 end
      then born + (1 + 26 * ${CHANCE('n', 2)}) * interval '1 day' end as activated
  from generate_series(1, $1::int) n,
    lateral (select now() - interval '180 days' + n * (interval '180 days' / ($1::int + 1)) as born) joined`;

const STATEMENTS = [
  `insert into customers (id, user_id, stripe_customer_id, livemode, stripe_event_id, email, metadata, preferred_locales,
     balance_minor, additional_fields, stripe_created_at, state_at, state_told_by, created_at, updated_at)
   select id, user_id, 'cus_planted' || n, false, 'evt_' || n, 'user.' || n || '@example.com', '{}', '["en"]', 0, '{}',
     born, born, 'customer.created', born, born
   from (${PLANTED}) as planted`,
  `insert into customer_lifecycles (customer_id, stage, stage_entered_at, stage_recorded_at, milestones, milestones_recorded)
   select id, 'onboarding', born, born, m, m
   from (${PLANTED}) as planted, lateral (
     select jsonb_strip_nulls(jsonb_build_object('created', born, 'activated', case when activated < now() then activated end)) as m
   ) as reached`,
  `insert into lifecycle_transitions (id, customer_id, from_stage, to_stage, trigger, occurred_at, recorded_at)
   select id, id, null, 'onboarding', 'customer_created', born, born from (${PLANTED}) as planted`,
  `insert into analytics_events (id, name, stripe_event_id, customer_id, user_id, source, properties, occurred_at, recorded_at)
   select id, 'customer_created', 'evt_' || n, id, user_id, (array['google', 'partner', 'fair'])[1 + n % 3],
     jsonb_build_object('country', 'DE', 'locale', 'de-DE'), born, born
   from (${PLANTED}) as planted`,
  `insert into people (user_id) select user_id from (${PLANTED}) as planted`,
  `insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, type, name, properties, context)
   select at, at, gen_random_uuid(), person_id, 'track', 'project_opened', '{}', '{}'
   from (${PLANTED}) as planted join people using (user_id), generate_series(0, 40, case when is_keen then 1 else 8 end) as day,
     lateral (select born + (day + 0.2 + 0.5 * ${CHANCE('n', 3)}) * interval '1 day' as at) as acted
   where at < now()`,
];

/** Stores customers who are unlike all before: of an unknown source, without any event, created just before a time. */
export async function plantNewcomers(database: TestDatabase, before: Date, customers: number): Promise<void> {
  await database.rows('set session_replication_role = replica');
  for (const statement of NEWCOMERS) await database.rows(statement, [before, customers]);
  await database.rows('reset session_replication_role');
}

const NEWCOMERS_PLANTED = `
  select 100000 + n as n, ${ID('born', '(100000 + n)')} as id, born
  from generate_series(1, $2::int) n, lateral (select $1::timestamptz - n * interval '1 minute' as born) joined`;

const NEWCOMERS = [
  `insert into customers (id, stripe_customer_id, livemode, stripe_event_id, email, metadata, preferred_locales,
     balance_minor, additional_fields, stripe_created_at, state_at, state_told_by, created_at, updated_at)
   select id, 'cus_new' || n, false, 'evt_' || n, 'new.' || n || '@example.com', '{}', '[]', 0, '{}',
     born, born, 'customer.created', born, born
   from (${NEWCOMERS_PLANTED}) as planted`,
  `insert into customer_lifecycles (customer_id, stage, stage_entered_at, stage_recorded_at, milestones)
   select id, 'onboarding', born, born, '{}' from (${NEWCOMERS_PLANTED}) as planted`,
];

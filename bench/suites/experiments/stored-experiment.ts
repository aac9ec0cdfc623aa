import type { BenchDatabase } from '../../bench-database.js';

/** Days from the first unit to the last. */
const DAYS = 60;

export const GOALS = [
  { type: 'milestone', name: 'pays', milestone: 'first_payment', withinDays: 14 },
  { type: 'behaviour', name: 'reports', event: 'report_viewed', withinDays: 7 },
  { type: 'mrr', name: 'revenue', currency: 'eur', withinDays: 30 },
];

export const GUARDRAILS = [
  { type: 'unsubscribes', withinDays: 14, margin: 0.1 },
  { type: 'churn', withinDays: 30, margin: 0.1 },
];

/**
 * Fills an empty schema with an experiment of two arms, which all customers take part in, and what they did: three events,
 * a milestone of each fifth one, revenue of each third one. There are 400 strata of sources, countries and user ages.
 */
export async function storeExperiment(database: BenchDatabase, customers: number): Promise<void> {
  // Foreign keys are not checked row by row: the rows are known to be right.
  await database.query('set session_replication_role = replica');
  await database.query(DEFINITION, [JSON.stringify(GOALS), JSON.stringify(GUARDRAILS)]);
  await database.query(MONTHS);
  for (const statement of STATEMENTS) {
    await database.query(statement, [customers]);
    console.log('  stored a table');
  }
  await database.query('reset session_replication_role');
  await database.query('vacuum analyze');
}

const DEFINITION = `
  with stored as (
    insert into experiments (name, description, status, goals, guardrails, created_at, started_at)
    values ('measured', '', 'running', $1, $2, now() - interval '${DAYS} days', now() - interval '${DAYS} days')
    returning id
  )
  insert into experiment_phases (experiment_id, number, seed, arms, coverage, started_at)
  select id, 1, 'measured', '[{"key": "a", "weight": 0.5, "treatment": {}}, {"key": "b", "weight": 0.5, "treatment": {}}]',
    1, now() - interval '${DAYS} days'
  from stored`;

const MONTHS = `
  select make_behaviour_month(month::date)
  from generate_series(now() - interval '${DAYS + 31} days', now() + interval '1 month', interval '1 month') month`;

/** The n-th customer, and when it was assigned. */
const CUSTOMERS = `
  generate_series(1, $1::int) n cross join lateral (
    select md5(n::text)::uuid as customer_id, now() - n * (interval '${DAYS} days' / $1::int) as at offset 0
  ) as created`;

const STATEMENTS = [
  `insert into people (person_id, user_id) select n, 'user-' || n from ${CUSTOMERS}`,
  `insert into experiment_units (user_id, customer_id, phase_ids, arms, assigned_at, source, country, user_age)
   select 'user-' || n, customer_id, array[1], array[hashint4(n) & 1], array[at], 'source-' || hashint4(n + 1) % 5,
     'C' || abs(hashint4(n + 2) % 20), (array['day', 'week', 'month', 'older'])[1 + abs(hashint4(n + 3) % 4)]
   from ${CUSTOMERS}`,
  `insert into customer_lifecycles (customer_id, stage, stage_entered_at, milestones)
   select customer_id, 'active', at, jsonb_strip_nulls(jsonb_build_object('created', at, 'welcomed', at,
     'first_payment', case when hashint4(n + 4) % 5 = 0 then at + random() * interval '20 days' end))
   from ${CUSTOMERS}`,
  `insert into behaviour_events (occurred_at, message_key, person_id, type, name, properties, context)
   select at + random() * interval '20 days', gen_random_uuid(), n, 'track',
     (array['report_viewed', 'project_opened', 'task_created'])[event], '{}', '{}'
   from ${CUSTOMERS} cross join generate_series(1, 3) as event where at + interval '20 days' < now()`,
  `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor, occurred_at,
     recorded_at)
   select gen_random_uuid(), customer_id, 'new', 'eur', 900 + n % 7000, 0, 900 + n % 7000, moved_at, moved_at
   from ${CUSTOMERS} cross join lateral (select at + random() * interval '20 days' as moved_at) as moved
   where hashint4(n + 5) % 3 = 0`,
  `insert into lifecycle_transitions (customer_id, id, from_stage, to_stage, trigger, occurred_at)
   select customer_id, gen_random_uuid(), 'onboarding', case when n % 20 = 0 then 'churned' else 'active' end,
     'subscription_changed', at + random() * interval '20 days'
   from ${CUSTOMERS}`,
  `insert into audit_entries (id, customer_id, action, actor_type, object_type, object_id, source, details, occurred_at)
   select gen_random_uuid(), customer_id, case when n % 40 = 0 then 'message_choices.changed' else 'customer.created' end,
     'customer', 'customer', n::text, 'one_click',
     '{"before": {"notifications": {}}, "after": {"notifications": {"onboarding_guide": {"email": false}}}}',
     at + random() * interval '5 days'
   from ${CUSTOMERS}`,
];

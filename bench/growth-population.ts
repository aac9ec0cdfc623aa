import type { BenchDatabase } from './bench-database.js';

const WEEKS = 26;
/** 1 + 2 + … + 26: the number of people, and so of events, grows by the same amount each week. */
const SHARES = (WEEKS * (WEEKS + 1)) / 2;
const EVENTS_PER_PERSON = 20;

/** The names of events with their shares in thousandths. `customer_created` comes on top, once for each person. */
const NAMES: readonly [name: string, share: number][] = [
  ['$page', 300],
  ['project_opened', 120],
  ['report_viewed', 95],
  ['task_created', 75],
  ['$identify', 60],
  ['comment_added', 50],
  ['file_uploaded', 45],
  ['search_done', 40],
  ['project_created', 35],
  ['invite_sent', 30],
  ['welcomed', 25],
  ['payment_succeeded', 22],
  ['portal_accessed', 20],
  ['export_done', 18],
  ['plan_viewed', 15],
  ['integration_added', 15],
  ['stage_active', 12],
  ['mrr_new', 10],
  ['mrr_expansion', 8],
  ['feedback_sent', 5],
];

/**
 * Fills an empty schema with customers who joined within the last 26 weeks, one after another, and 20 events of each, in
 * the order of time. Their milestones are in `customer_lifecycles`. Each person has one event `customer_created`, and a
 * third of them have two page views with a campaign in the three weeks before it.
 */
export async function storeGrowth(database: BenchDatabase, customers: number): Promise<void> {
  // Foreign keys are not checked row by row: the rows are known to be right.
  await database.query('set session_replication_role = replica');
  await database.query(PEOPLE, [customers]);
  await database.query(LIFECYCLES, [customers]);
  await database.query(MONTHS);
  await withoutIndexes(database, async () => {
    for (let week = 1; week <= WEEKS; week += 1) {
      const events = Math.round((customers * (EVENTS_PER_PERSON - 1) * week) / SHARES);
      await database.query(WEEK, [week, customers, events, namesByThousandth()]);
      console.log(`  week ${week} of ${WEEKS} stored`);
    }
    await database.query(VISITS, [customers]);
  });
  await database.query('reset session_replication_role');
  await database.query('vacuum analyze');
}

/** An index that is made at the end takes a third of the time that it takes row by row. */
async function withoutIndexes(database: BenchDatabase, fill: () => Promise<void>): Promise<void> {
  const { rows } = await database.query(INDEXES);
  for (const { name } of rows) await database.query(`drop index ${name}`);
  await fill();
  await database.query(`set maintenance_work_mem = '512MB'`);
  for (const { definition } of rows) await database.query(definition.replace(' ON ONLY ', ' ON '));
}

function namesByThousandth(): string[] {
  const names = NAMES.flatMap(([name, share]) => Array.from({ length: share }, () => name));
  if (names.length !== 1000) throw new Error(`The shares of names add up to ${names.length}`);
  return names;
}

const INDEXES = `
  select indexname as name, indexdef as definition from pg_indexes
  where tablename = 'behaviour_events' and indexname <> 'pk_behaviour_events'`;

const PEOPLE = `
  insert into people (person_id, user_id)
  select n, 'user-' || n from generate_series(1, $1::int) n`;

/** The first of the customers have reached the most milestones; not all reach each one. */
const LIFECYCLES = `
  insert into customer_lifecycles (customer_id, stage, stage_entered_at, stage_recorded_at, milestones)
  select md5(n::text)::uuid, 'active', at, at, jsonb_strip_nulls(jsonb_build_object(
    'created', at,
    'welcomed', case when n % 20 > 0 then at + interval '2 minutes' end,
    'portal_accessed', case when n % 3 > 0 then at + n % 9 * interval '1 day' end,
    'activated', case when n % 5 > 1 then at + n % 11 * interval '1 day' end,
    'first_payment', case when n % 7 > 3 then at + n % 29 * interval '1 day' end))
  from generate_series(1, $1::int) n,
    lateral (select now() - interval '182 days' + n * (interval '182 days' / $1::int) as at) joined`;

const MONTHS = `
  select make_behaviour_month(month::date)
  from generate_series(date_trunc('month', now() - interval '203 days'), now() + interval '1 month', interval '1 month') month`;

const VISITS = `
  insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, type, name, properties, context)
  select at, at, gen_random_uuid(), n, 'page', '$page', '{}', jsonb_build_object('campaign', jsonb_build_object('source',
    (array['google', 'newsletter', 'partner', 'fair', 'friends'])[1 + (n / 3 + visit) % 5]))
  from generate_series(3, $1::int, 3) n, generate_series(1, 2) visit, lateral (
    select now() - interval '182 days' + n * (interval '182 days' / $1::int) - (n + visit * 7) % 20 * interval '1 day' as at
  ) as visited`;

/** Events of a week: creations of those who join, and acts of all who have joined by then. */
const WEEK = `
  with bounds as (
    select now() - interval '182 days' + ($1::int - 1) * interval '7 days' as start,
      $2::int / ${WEEKS} * ($1::int - 1) as joined, $2::int / ${WEEKS} as joining
  ), acts as (
    select start + r1 * interval '7 days' as at, ceil((joined + r1 * joining) * sqrt(r2))::bigint as person,
      ($4::text[])[1 + floor(r3 * 1000)::int] as name, floor(r4 * 1000)::int as variety
    from bounds, (
      select random() r1, random() r2, random() r3, random() r4 from generate_series(1, $3::int)
    ) as drawn
    union all
    select start + n * (interval '7 days' / joining), joined + n, 'customer_created', n % 1000
    from bounds, generate_series(1, joining) n
  )
  insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, type, name, properties, context)
  select at, at, gen_random_uuid(), greatest(person, 1),
    case when name = '$page' then 'page' when name = '$identify' then 'identify' else 'track' end, name,
    jsonb_build_object('plan', (array['free', 'team', 'business'])[1 + variety % 3],
      'country', (array['ES', 'DE', 'FR', 'US', 'GB', 'MX', 'AR', 'IT'])[1 + variety % 8], 'size', variety % 100),
    case when name = '$page' and variety % 20 = 0
      then jsonb_build_object('campaign', jsonb_build_object('source', (array['google', 'newsletter', 'partner'])[1 + variety % 3]))
      else '{}' end
  from acts order by at`;

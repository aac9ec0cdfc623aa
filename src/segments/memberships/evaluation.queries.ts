import { UUID_V7_SQL } from '../../platform/database/uuid.js';
import type { CompiledRules } from '../rules/sql/compile-rule.js';

/** What an evaluation decides, and what it leaves as it is. */
export interface EvaluationScope {
  /** Ids of the evaluated versions. */
  evaluated: readonly number[];
  /** Ids of the versions whose membership stays as it is. Other ids are of retired versions and are removed. */
  kept: readonly number[];
  /** Whether time may change one of the kept memberships. It does not change those of broken rules. */
  isKeptTimed: boolean;
  /** Of the definitions. Null if other versions than the evaluated ones serve or are filled: they keep what was decided. */
  revision: number | null;
  /** Whether `segment_members` is written at once. */
  isProjected: boolean;
}

/**
 * A statement that evaluates versions for some customers, and writes what changed. `$1` is a JSON array of
 * {@link ChangedCustomer}. Deleted customers are members of nothing. The rows of the customers are locked before.
 */
export function evaluationOf(
  { joins, columns }: CompiledRules,
  { evaluated, kept, isKeptTimed, revision, isProjected }: EvaluationScope,
): string {
  const truths = columns.map(({ id, isTrue }) => `case when ${isTrue} then ${id} end`);
  const flips = columns.map(({ flipsAt }) => flipsAt);
  const next = isKeptTimed ? ['customer_segments.next_evaluation_at'] : [];
  return `
  with evaluation as (select date_trunc('milliseconds', now()) as now), changed as (
    select distinct on (customer_id) customer_id, cause, stripe_event_id, effective_at
    from (${CHANGED}) as named
    order by customer_id, effective_at desc
  ), truth as (
    select scope.customer_id, scope.cause, scope.stripe_event_id, customer_segments.member_of,
      least(coalesce(scope.effective_at, customer_segments.next_evaluation_at), evaluation.now) as effective_at,
      customers.deleted_at is not null as is_deleted,
      array_remove(array[${truths.join(', ')}]::integer[], null) as is_true,
      least(${[...flips, ...next, 'null::timestamptz'].join(', ')}) as flips_at,
      customer_segments.next_evaluation_at, customer_segments.revision
    from changed as scope
    join customers on customers.id = scope.customer_id
    cross join evaluation
    ${joins}
  ), ${decidedOf(evaluated, kept)}, stored as (
    update customer_segments as stored
    set member_of = members, next_evaluation_at = flips_at, revision = ${revision ?? 'stored.revision'}, evaluated_at = now(),
      is_projected = is_projected and (${isProjected} or entered = '{}' and "left" = '{}')
    from compared
    where stored.customer_id = compared.customer_id
      and (entered <> '{}' or "left" <> '{}' or flips_at is distinct from compared.next_evaluation_at
        or compared.revision <> ${revision ?? 'compared.revision'})
  )${isProjected ? PROJECTED : ''}
  insert into segment_changes
    (id, customer_id, entered, "left", cause, stripe_event_id, effective_at, recorded_at)
  select ${UUID_V7_SQL}, customer_id, entered, "left", cause, stripe_event_id, effective_at, clock_timestamp()
  from compared
  where entered <> '{}' or "left" <> '{}'`;
}

/** The memberships after the evaluation, and how they differ from those before. */
function decidedOf(evaluated: readonly number[], kept: readonly number[]): string {
  return `decided as (
    select customer_id, cause, stripe_event_id, effective_at, member_of, revision, next_evaluation_at,
      case when not is_deleted then flips_at end as flips_at,
      case when is_deleted then '{}' else is_true
        || array(select id from unnest(member_of) as id where id = any(${ids(kept)})) end as members
    from truth
  ), compared as (
    select *,
      array(select unnest(members) except select unnest(member_of)) as entered,
      array(select id from unnest(member_of) as id where id = any(${ids([...evaluated, ...kept])}) and id <> all(members)) as "left"
    from decided
  )`;
}

/** A customer one of whose inputs has changed, by its id or by its user. */
export interface ChangedCustomer {
  customerId?: string;
  userId?: string;
  /** The name of the fact, `time` or `definition`. */
  cause: string;
  stripeEventId?: string | null;
  /** When it changed (ISO 8601). Missing for a change by time alone, which has its time in the customer's row. */
  effectiveAt?: string;
}

const CHANGED = `
  select coalesce(of_user.id, "customerId") as customer_id, cause, "stripeEventId" as stripe_event_id,
    "effectiveAt" as effective_at
  from json_to_recordset($1::json) as row (
    "customerId" uuid, "userId" text, cause text, "stripeEventId" text, "effectiveAt" timestamptz)
  left join customers of_user on of_user.user_id = "userId"`;

/** The members of the evaluated versions, for a filling. They are not read before it is complete. */
const PROJECTED = `, joined as (
    insert into segment_members (version_id, customer_id, since)
    select unnest(entered), customer_id, effective_at from compared
    on conflict (version_id, customer_id) do update set since = excluded.since
  ), removed as (
    delete from segment_members using compared
    where segment_members.customer_id = compared.customer_id and version_id = any("left")
  )`;

const ids = (of: readonly number[]) => `'{${of.join()}}'::integer[]`;

import type { EnteredStage, ReachedMilestone, TargetDefinition } from './target-definition.js';

/** Events arrive late, for example those that Stripe repeats for three days: until then an outcome is not known. */
export const LATE_DAYS = 3;

const days = (count: number) => `interval '${count} days'`;
const list = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** The greatest number of different offsets: the last four hexadecimal digits of an id are random. */
export const OFFSETS = 65_536;

/** A number below `modulus` that follows from the random end of an id. */
export const offsetOf = (id: string, modulus: number): string =>
  `(('x' || right(${id}::text, 4))::bit(16)::int % ${modulus})`;

/** SQL of a boolean: whether it happened within the window of a row \`s\` with customer_id and t0. */
export function outcomeSql({ what, windowDays }: TargetDefinition): string {
  const isInWindow = (time: string) => `${time} >= s.t0 and ${time} < s.t0 + ${days(windowDays)}`;
  if (what.kind === 'milestone')
    return `exists (select from customer_lifecycles l
      where l.customer_id = s.customer_id and ${isInWindow(timeOf(what.milestone))})`;
  return `exists (select from lifecycle_transitions t
    where t.customer_id = s.customer_id and t.to_stage = '${what.to}' and ${isInWindow('t.occurred_at')})`;
}

/** When a milestone was reached; null if it was not. */
const timeOf = (milestone: string) => `(l.milestones ->> '${milestone}')::timestamptz`;

/**
 * SQL of the moments in the past at which the target concerned a customer and whose outcomes are known: rows of
 * customer_id, t0 and outcome, in the order of the first two. `$1` is the present, `$2` the oldest t0, `$3` are the ids of the
 * customers that are looked at.
 *
 * A customer is not looked at before this service knew of it, so that imported customers leak no later knowledge.
 */
export function pastMoments(definition: TargetDefinition): string {
  const { what } = definition;
  const moments =
    what.kind === 'milestone' ? momentsBefore(what, definition) : momentsWithin(what, definition);
  return `
    select customer_id, t0, ${outcomeSql(definition)} as outcome from (
      select moments.customer_id, t0 from (${moments}) as moments
      join customers c on c.id = moments.customer_id
      where c.erased_at is null and c.created_at <= t0 and (c.deleted_at is null or c.deleted_at >= t0)
        and t0 >= $2::timestamptz and t0 + ${days(definition.windowDays + LATE_DAYS)} <= $1::timestamptz
    ) as s
    order by customer_id, t0`;
}

const isGiven = (id: string) => `${id} = any($3::uuid[])`;

/** Ends of days (UTC) in the youth of customers, before they reached the milestone. */
function momentsBefore({ milestone, maxAgeDays }: ReachedMilestone, { everyDays }: TargetDefinition): string {
  return `
    select c.id as customer_id, t0
    from customers c join customer_lifecycles l on l.customer_id = c.id,
      lateral generate_series(${offsetOf('c.id', everyDays)}, ${maxAgeDays - 1}, ${everyDays}) as age,
      lateral (
        select date_trunc('day', coalesce(c.stripe_created_at, c.created_at), 'UTC') + (age + 1) * ${days(1)} as t0
      ) as ends
    where ${isGiven('c.id')} and coalesce(c.stripe_created_at, c.created_at) >= $2::timestamptz - ${days(maxAgeDays)}
      and coalesce(${timeOf(milestone)} >= t0, true)`;
}

/** Ends of days (UTC) in the times that customers spent in the stages. */
function momentsWithin({ from }: EnteredStage, { everyDays, windowDays }: TargetDefinition): string {
  return `
    select customer_id, t0 from (
      select customer_id, since, until, min(since) over (partition by customer_id) as first_since
      from (
        select customer_id, to_stage, greatest(occurred_at, recorded_at) as since,
          coalesce(lead(occurred_at) over (partition by customer_id order by occurred_at, id), 'infinity') as until
        from lifecycle_transitions where ${isGiven('customer_id')}
      ) as stages
      where to_stage in (${list(from)})
    ) as spans,
    lateral generate_series(
      date_trunc('day', first_since, 'UTC') + (${offsetOf('customer_id', everyDays)} + 1) * ${days(1)},
      least(until, $1::timestamptz - ${days(windowDays + LATE_DAYS)}), ${days(everyDays)}) as t0
    where t0 > since and t0 <= until`;
}

/** SQL of the ids of the customers that the target concerns now. `now` is SQL of the present. */
export function concernedNow({ what }: TargetDefinition, now: string): string {
  const isConcerned =
    what.kind === 'milestone'
      ? `${timeOf(what.milestone)} is null
        and coalesce(c.stripe_created_at, c.created_at) > ${now} - ${days(what.maxAgeDays)}`
      : `l.stage in (${list(what.from)})`;
  return `
    select c.id as customer_id from customers c join customer_lifecycles l on l.customer_id = c.id
    where c.deleted_at is null and ${isConcerned}`;
}

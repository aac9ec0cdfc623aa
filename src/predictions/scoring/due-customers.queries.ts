import { offsetOf } from '../targets/target-sql.js';

/** Without any change, a score gets old by time alone: each customer is scored once in so many hours. */
export const HOURS_PER_ROUND = 24;
/** Behaviour that arrives later than this after it happened is seen by the daily round. */
const LATE_HOURS = 6;

/**
 * SQL of the ids of customers with something that was recorded after `$1`, and of those whose turn it is in the hour
 * `$2` of the round. `$3` is the smallest id of that time.
 */
export const DUE_CUSTOMERS = `
  select distinct customer_id from (
    select customer_id from lifecycle_transitions where recorded_at > $1::timestamptz
    union all
    select customer_id from mrr_movements where recorded_at > $1
    union all
    select customer_id from notifications where id >= $3::uuid
    union all
    select id from customers
    where created_at > $1 or deleted_at > $1 or erased_at > $1 or ${offsetOf('id', HOURS_PER_ROUND)} = $2::int
    union all
    select customers.id from behaviour_events
    join people using (person_id) join customers on customers.user_id = people.user_id
    where recorded_at > $1 and occurred_at > $1 - interval '${LATE_HOURS} hours'
  ) as due
  order by 1`;

/** Events that led to no customer. Each condition uses an index. */
const WITHOUT_CUSTOMER = `
  select id from webhook_events
  where outcome in ('unmatched', 'pending_user', 'pending_customer') and stripe_customer_id = "stripeCustomerId"
  union all
  select id from webhook_events where outcome = 'rejected' and stripe_customer_id = "stripeCustomerId"`;

/**
 * Erases the personal data in events of an erased customer: `{ stripeCustomerId }`. Waiting events are
 * decided by its tombstone.
 */
export const FORGET_EVENTS = `
  update webhook_events event set body = null, error_message = null, mingus_user_id = null, email = null,
    outcome = case when outcome in ('fetching', 'pending_user', 'pending_customer') then 'stale' else outcome end,
    decided_at = case when outcome in ('fetching', 'pending_user', 'pending_customer') then now() else decided_at end
  from json_to_recordset($1::json) as erased ("stripeCustomerId" text)
  where event.id in (${WITHOUT_CUSTOMER}) or event.customer_id in (
    select id from customers where stripe_customer_id = "stripeCustomerId" and erased_at is not null
  )`;

/** Erases the personal data in events of a MINGUS user: `{ userId }`. Rejected events belong to no other user. */
export const FORGET_OF_USER = `
  update webhook_events event set body = null, mingus_user_id = null, email = null
  from json_to_recordset($1::json) as erased ("userId" text)
  where event.outcome = 'rejected' and event.mingus_user_id = "userId"`;

/**
 * Rejects the events of a person without a customer and erases their personal data:
 * `{ stripeCustomerId, code, message }`.
 */
export const FORGET_UNKNOWN = `
  update webhook_events event set body = null, mingus_user_id = null, email = null, outcome = 'rejected',
    error_code = erased.code, error_message = erased.message, decided_at = now()
  from json_to_recordset($1::json) as erased ("stripeCustomerId" text, code text, message text)
  where event.id in (${WITHOUT_CUSTOMER}) and (body is not null or error_code is distinct from erased.code)`;

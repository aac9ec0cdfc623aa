/** Events that led to no customer, each part served by an index. */
const WITHOUT_CUSTOMER = `
  select id from webhook_events
  where outcome in ('unmatched', 'pending_user') and stripe_customer_id = "stripeCustomerId"
  union all
  select id from webhook_events where outcome = 'rejected' and stripe_customer_id = "stripeCustomerId"`;

/** Of a customer that is erased: `{ stripeCustomerId }`. For what waited, the tombstone decides. */
export const FORGET_EVENTS = `
  update webhook_events event set body = null, error_message = null, mingus_user_id = null,
    outcome = case when outcome in ('fetching', 'pending_user') then 'stale' else outcome end,
    decided_at = case when outcome in ('fetching', 'pending_user') then now() else decided_at end
  from json_to_recordset($1::json) as erased ("stripeCustomerId" text)
  where event.id in (${WITHOUT_CUSTOMER}) or event.customer_id in (
    select id from customers where stripe_customer_id = "stripeCustomerId" and erased_at is not null
  )`;

/** Of a MINGUS user: `{ userId }`. Events that were refused are nobody else's. */
export const FORGET_OF_USER = `
  update webhook_events event set body = null, mingus_user_id = null
  from json_to_recordset($1::json) as erased ("userId" text)
  where event.outcome = 'rejected' and event.mingus_user_id = "userId"`;

/** Of somebody who is no customer: `{ stripeCustomerId, code, message }`, with why they are rejected now. */
export const FORGET_UNKNOWN = `
  update webhook_events event set body = null, mingus_user_id = null, outcome = 'rejected',
    error_code = erased.code, error_message = erased.message, decided_at = now()
  from json_to_recordset($1::json) as erased ("stripeCustomerId" text, code text, message text)
  where event.id in (${WITHOUT_CUSTOMER}) and (body is not null or error_code is distinct from erased.code)`;

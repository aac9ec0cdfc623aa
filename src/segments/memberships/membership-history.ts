/**
 * SQL of what each customer entered and left, the memberships at its creation included. Of several entries at one time,
 * the one that was recorded last counts.
 */
export const MEMBERSHIP_HISTORY = `(
  select customer_id, entered, "left", cause, stripe_event_id, effective_at, recorded_at from segment_changes
  union all
  select customer_id, first_member_of, '{}', 'customer.created', stripe_event_id,
    coalesce(stripe_created_at, created_at), created_at
  from customer_segments join customers on customers.id = customer_id
  where first_member_of <> '{}'
)`;

/**
 * SQL of what each customer entered and left, the memberships at its creation included. A change says what is true from
 * its effective time on, and replaces what was recorded before about the same time. So of the changes that are effective
 * at a time, the one with the highest `sequence` counts.
 */
export const MEMBERSHIP_HISTORY = `(
  select customer_id, sequence, entered, "left", cause, stripe_event_id, effective_at, recorded_at from segment_changes
  union all
  select customer_id, 0, first_member_of, '{}', 'customer.created', stripe_event_id,
    least(coalesce(stripe_created_at, created_at), created_at), created_at
  from customer_segments join customers on customers.id = customer_id
  where first_member_of <> '{}'
)`;

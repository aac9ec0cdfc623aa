/**
 * `$1` customer, `$2` id, `$3` hash, `$4` purpose, `$5` hours, `$6` address. Deletes the customer's expired
 * links. Returns no row if the customer's address is no longer `$6`. Waits for a change of the address that
 * is under way.
 */
export const INSERT_LINK = `
  with gone as (
    delete from portal_links where customer_id = $1 and expires_at < now()
  )
  insert into portal_links (id, customer_id, token_hash, purpose, created_at, expires_at)
  select $2, c.id, $3, $4, now(), now() + $5 * interval '1 hour'
  from customers c where c.id = $1 and c.email = $6 and c.deleted_at is null
  for share of c
  returning id`;

/** How long a redemption holds the link. The call to Stripe takes less. */
const CLAIM = `interval '60 seconds'`;

/** A customer's locales, the chosen one first. */
const LOCALES = `jsonb_build_array(preferences.locale) || c.preferred_locales as locales`;

/**
 * `$1` hash. One statement, so that one of several concurrent requests gets the row. The others wait for its
 * lock and then find the link claimed.
 */
export const CLAIM_LINK = `
  update portal_links link set claimed_at = clock_timestamp()
  from customers c, portal_accesses access, customer_preferences preferences
  where link.token_hash = $1 and link.used_at is null and link.expires_at > now()
    and (link.claimed_at is null or link.claimed_at < clock_timestamp() - ${CLAIM})
    and c.id = link.customer_id and c.deleted_at is null
    and access.customer_id = link.customer_id and access.status = 'active'
    and preferences.customer_id = link.customer_id
  returning link.id, link.claimed_at::text as claim, c.id as "customerId",
    c.stripe_customer_id as "stripeCustomerId", c.livemode, c.account, preferences.locale,
    access.permissions, ${LOCALES}`;

/** `$1` id, `$2` claim. */
export const RELEASE_LINK = `update portal_links set claimed_at = null where id = $1 and claimed_at = $2::timestamptz`;

/** `$1` id, `$2` claim. Has no effect if another request has claimed the link since. */
export const USE_LINK = `
  update portal_links set used_at = now()
  where id = $1 and claimed_at = $2::timestamptz and used_at is null and expires_at > now()
  returning id`;

/** `$1` hash. */
export const LINK_STATE = `
  select case
    when access.status <> 'active' or c.deleted_at is not null then 'closed'
    when link.used_at is not null then 'used'
    when link.expires_at <= now() then 'expired'
    when link.claimed_at >= now() - ${CLAIM} then 'busy'
    else 'open'
  end as state, ${LOCALES}
  from portal_links link
  join customers c on c.id = link.customer_id
  join portal_accesses access on access.customer_id = link.customer_id
  join customer_preferences preferences on preferences.customer_id = link.customer_id
  where link.token_hash = $1`;

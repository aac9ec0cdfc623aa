/** The customers after one, in the order of their ids. Deleted customers are members of nothing. */
export const CUSTOMERS_AFTER = `
  select id as "customerId" from customers
  where deleted_at is null and ($1::uuid is null or id > $1)
  order by id
  limit $2`;

/** Customers without a decision under this revision of the definitions, or a later one. */
export const UNDECIDED = `
  select customers.id as "customerId" from customers
  left join customer_segments on customer_id = customers.id
  where deleted_at is null and coalesce(revision, 0) < $1
  order by customers.id
  limit $2`;

export const RETIRE_OLD = `
  update segment_versions set status = 'retired', served_until = now()
  where segment_id = $1 and status = 'serving'
  returning id`;

export const SERVE_NEW = `
  with served as (update segment_versions set status = 'serving', served_from = now() where id = $1)
  update segments set serving_version_id = $1 where id = $2`;

/** Customers who are in one of two versions, but not in both. */
export const DIFFERENT_MEMBERS = `
  select customer_id as "customerId" from customer_segments
  where ($1 = any(member_of)) <> ($2 = any(member_of)) and ($3::uuid is null or customer_id > $3)
  order by customer_id
  limit $4`;

export const STRAGGLERS = `
  select customer_id as "customerId" from customer_segments
  where revision < $1 and evaluated_at > now() - interval '5 minutes' and ($2::uuid is null or customer_id > $2)
  order by customer_id
  limit $3`;

export const FORGET_MEMBERS = `
  delete from segment_members where version_id = $1 and customer_id in (
    select customer_id from segment_members where version_id = $1 limit $2)`;

import type { CompiledRules } from '../rules/sql/compile-rule.js';

/** For one statement over all customers. */
export const STAGING_SESSION = `
  set local statement_timeout = '10min';
  set local work_mem = '128MB';
  set local jit = off`;

/** Finds the candidates of a version (`$1`) among all customers. Deleted customers are members of nothing. */
export function stagingOf({ joins, columns }: CompiledRules): string {
  const isCandidate = columns.map(({ isTrue, flipsAt }) => `${isTrue} or ${flipsAt} is not null`);
  return `
    with evaluation as (select date_trunc('milliseconds', now()) as now)
    insert into segment_candidates (version_id, customer_id)
    select $1, customers.id
    from (select * from customers where deleted_at is null) as customers cross join evaluation
    ${joins}
    where ${isCandidate.join(' or ')}`;
}

/** Takes a page of candidates. */
export const TAKE_CANDIDATES = `
  delete from segment_candidates where version_id = $1 and customer_id in (
    select customer_id from segment_candidates where version_id = $1 order by customer_id limit $2)
  returning customer_id as "customerId"`;

export const FORGET_CANDIDATES = 'delete from segment_candidates where version_id = $1';

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

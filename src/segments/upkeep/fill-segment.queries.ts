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

/**
 * Keeps the customers who are members of the retired version (`$1`) or of the new one (`$2`), but not of both, as
 * candidates: segments that mention this one (`$3`) are decided about them next. What was left to decide after an
 * earlier swap is kept, too.
 */
export const KEEP_DEPENDENTS = `
  insert into segment_candidates (version_id, customer_id)
  select $2, customer_id from (
    select customer_id from customer_segments where ($1 = any(member_of)) <> ($2 = any(member_of))
    union
    select customer_id from segment_candidates where version_id = $1
  ) as different
  where exists (
    select from segment_versions where status <> 'retired' and jsonb_path_exists(
      rule, '$.** ? (@.type == "segment" && @.segment == $name)', jsonb_build_object('name', $3::text)))
  on conflict do nothing`;

/** Customers that were evaluated about the time of a swap (`$2`), and since then not by all definitions of `$1`. */
export const STRAGGLERS = `
  select customer_id as "customerId" from customer_segments
  where revision < $1 and evaluated_at > $2::timestamptz - interval '1 minute'
    and ($3::uuid is null or customer_id > $3)
  order by customer_id
  limit $4`;

export const FORGET_MEMBERS = `
  delete from segment_members where version_id = $1 and customer_id in (
    select customer_id from segment_members where version_id = $1 limit $2)`;

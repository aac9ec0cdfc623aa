import { definitionsOf } from '../../../src/segments/definitions/definitions.js';
import { ACTIVE_DEFINITIONS } from '../../../src/segments/definitions/segment-definitions.service.js';
import { compileRules } from '../../../src/segments/rules/sql/compile-rule.js';
import type { BrokenPromises, RunSql } from './invariants.js';

/** Segments that the events of a campaign move customers in and out of, also by time and through each other. */
export const CAMPAIGN_RULES: Record<string, object> = {
  buyers: { type: 'stage', in: ['active', 'at_risk', 'past_due'] },
  payers: { type: 'milestone', milestone: 'first_payment', reached: true },
  paying_nothing: { not: { type: 'mrr', currency: 'usd', greaterThan: 0 } },
  half: { type: 'bucket', unit: 'user', seed: 'half', from: 0, to: 0.5 },
  half_of_buyers: {
    all: [
      { type: 'segment', segment: 'buyers' },
      { type: 'segment', segment: 'half' },
    ],
  },
  recorded_lately: { type: 'milestone', milestone: 'welcomed', withinLast: { minutes: 1 } },
};

/** Stores segments whose first versions serve, in a database without customers. */
export async function storeSegments(sql: RunSql, rules: Record<string, object>): Promise<void> {
  for (const [name, rule] of Object.entries(rules)) {
    const [segment] = await sql(
      `insert into segments (name, description, created_at) values ($1, '', now()) returning id`,
      [name],
    );
    await sql(
      `with version as (
         insert into segment_versions (segment_id, segment, version, rule, status, created_at, served_from)
         values ($1, $3, 1, $2, 'serving', now(), now()) returning id
       )
       update segments set serving_version_id = version.id from version where segments.id = $1`,
      [segment?.id, rule, name],
    );
  }
  await sql('update segment_revisions set revision = revision + 1');
}

/**
 * Looks for customers whose memberships are not what the rules say now, are not what their history adds up to, or are
 * shown otherwise in the lists. Call it when nothing is left to project.
 */
export async function findWrongMemberships(sql: RunSql): Promise<BrokenPromises> {
  const rows = await sql(ACTIVE_DEFINITIONS);
  const { versions, servingIds } = definitionsOf(1, rows as never);
  if (versions.length === 0) return {};
  const { joins, columns } = compileRules(versions, 'all', servingIds);
  const truths = columns.map(({ id, isTrue }) => `case when ${isTrue} then ${id} end`);
  const questions = {
    wrong_memberships: `
      with evaluation as (select date_trunc('milliseconds', now()) as now), truth as (
        select customers.id, customers.stripe_customer_id, customer_segments.member_of,
          case when customers.deleted_at is null
            then array_remove(array[${truths.join(', ')}]::integer[], null) else '{}' end as is_true
        from customers cross join evaluation
        ${joins}
        where coalesce(customer_segments.next_evaluation_at > evaluation.now, true)
      )
      select * from truth where not (coalesce(member_of, '{}') @> is_true and is_true @> coalesce(member_of, '{}'))`,
    wrong_membership_histories: `
      select customer_id, member_of, versions from customer_segments, lateral (
        select coalesce(array_agg(version), '{}') as versions from (
          select version from (
            select version, 1 as change from unnest(first_member_of) as version
            union all
            select version, 1 from segment_changes c, unnest(entered) as version where c.customer_id = customer_segments.customer_id
            union all
            select version, -1 from segment_changes c, unnest("left") as version where c.customer_id = customer_segments.customer_id
          ) as changes group by version having sum(change) = 1
        ) as members
      ) as history
      where not (member_of @> versions and versions @> member_of)`,
    wrong_member_lists: `
      select customer_id, member_of, listed from customer_segments, lateral (
        select coalesce(array_agg(version_id), '{}') as listed from segment_members m
        where m.customer_id = customer_segments.customer_id
      ) as lists
      where not (member_of @> listed and listed @> member_of)`,
  };
  const found: BrokenPromises = {};
  for (const [name, question] of Object.entries(questions)) {
    const wrong = await sql(`${question} limit 20`);
    if (wrong.length > 0) found[name] = wrong;
  }
  return found;
}

import type { EntityManager } from 'typeorm';
import type { TargetDefinition } from '../targets/target-definition.js';
import { LATE_DAYS, outcomeSql } from '../targets/target-sql.js';

const SETTLED_PER_PAGE = 2000;

/**
 * Settles noted scores whose windows closed some days ago, when late events have arrived: whether it happened.
 * @returns the number of settled scores
 */
export async function settleOutcomes(
  manager: EntityManager,
  definition: TargetDefinition,
  now: Date,
): Promise<number> {
  const { target } = definition;
  let settled = 0;
  for (;;) {
    const [rows] = await manager.query<[unknown[], number]>(settle(definition), [
      target,
      now,
      SETTLED_PER_PAGE,
    ]);
    settled += rows.length;
    if (rows.length < SETTLED_PER_PAGE) return settled;
  }
}

const settle = (definition: TargetDefinition) => `
  with s as materialized (
    select id, customer_id, t0 from prediction_outcomes
    where target = $1 and outcome is null and window_ends_at <= $2::timestamptz - interval '${LATE_DAYS} days'
    order by window_ends_at limit $3::int
    for update skip locked
  )
  update prediction_outcomes set outcome = ${outcomeSql(definition)}
  from s where prediction_outcomes.id = s.id
  returning prediction_outcomes.id`;

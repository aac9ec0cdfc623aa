import type { Evaluation } from '../../src/segments/rules/evaluate-rule.js';
import type { SegmentIds } from '../../src/segments/rules/rule.js';
import { compileRules, type IdentifiedRule } from '../../src/segments/rules/sql/compile-rule.js';
import type { Scope } from '../../src/segments/rules/sql/scope.js';
import type { TestDatabase } from '../support/database/test-database.js';

/** Decides rules for all stored customers by SQL: the evaluations by customer, in the order of the rules. */
export async function decideInSql(
  database: TestDatabase,
  about: { rules: readonly IdentifiedRule[]; scope: Scope; segments: SegmentIds; now: Date },
): Promise<Map<string, Evaluation[]>> {
  const { joins, columns } = compileRules(about.rules, about.scope, about.segments);
  const pairs = columns.map(({ isTrue, flipsAt }) => `json_build_array(${isTrue}, ${flipsAt})`);
  const rows = await database.rows<{ id: string; pairs: [boolean, string | null][] }>(
    `with evaluation as (select $1::timestamptz as now)
     select scope.customer_id as id, json_build_array(${pairs.join(', ')}) as pairs
     from (select id from customers) as scope (customer_id)
     join customers on customers.id = scope.customer_id ${joins}`,
    [about.now],
  );
  return new Map(
    rows.map((row) => [
      row.id,
      row.pairs.map(([isTrue, flipsAt]) => ({
        isTrue,
        flipsAt: flipsAt === null ? null : new Date(flipsAt),
      })),
    ]),
  );
}

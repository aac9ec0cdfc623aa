import type { Rule, SegmentIds } from '../rule.js';

/** A segment to be decided: the id stands for it in `memberOf`. */
export interface IdentifiedRule {
  id: number;
  rule: Rule;
}

/**
 * `some`: few customers, whose events are read by index, condition by condition. `all`: all customers, whose events are
 * aggregated once for each name.
 */
export type Scope = 'some' | 'all';

/**
 * The parts of a statement of this form:
 *
 *     with evaluation as (select $1::timestamptz as now)
 *     select scope.customer_id, <isTrue>, <flipsAt>
 *     from <customer ids> as scope (customer_id) join customers on customers.id = scope.customer_id
 *     <joins>
 */
export interface CompiledRules {
  joins: string;
  /** SQL of a boolean, which is never null, and of the time of the next flip (timestamptz, null for never). */
  columns: { id: number; isTrue: string; flipsAt: string }[];
}

import { predictionsOf, segmentsOf } from '../inputs-of.js';
import type { Rule, SegmentIds } from '../rule.js';
import { Clock } from './clock.js';
import { conditionSql, type Sources } from './condition-sql.js';
import { EventTimes } from './event-times.js';
import type { Scope } from './scope.js';
import { predictionJoin } from './prediction-join.js';
import { allSql, anySql, notSql, numberSql, type SqlVerdict } from './verdict-sql.js';

/** A segment to be decided. The id stands for it in `memberOf`. */
export interface IdentifiedRule {
  id: number;
  rule: Rule;
}

/**
 * The parts of a statement of this form, where `now` is a time of whole milliseconds:
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

/**
 * Compiles rules to SQL with the meaning of `decision`. A `segment` condition looks at the other rules of the
 * list, otherwise at the stored membership.
 * @param rules in the order of `orderSegments`
 * @throws Error if a rule mentions a segment that is not among `segments`
 */
export function compileRules(
  rules: readonly IdentifiedRule[],
  scope: Scope,
  segments: SegmentIds,
): CompiledRules {
  const decided = new Map<number, string>();
  const sources: Sources = { scope, segments, clock: new Clock(), events: new EventTimes(scope), decided };
  const layers = layersOf(rules, segments).map((layer, index) => {
    const columns = layer.map(({ id, rule }) => `${numberSql(verdictSql(rule, sources))} as segment_${id}`);
    for (const { id } of layer) decided.set(id, `layer_${index}.segment_${id}`);
    return `cross join lateral (select ${columns.join(', ')} offset 0) as layer_${index}`;
  });
  return {
    joins: [
      sources.clock.join(),
      ...TABLES,
      ...predictionJoins(rules),
      ...sources.events.joins(),
      ...layers,
    ].join('\n'),
    columns: rules.map(({ id }) => {
      const verdict = decided.get(id) ?? '';
      const flipsAt = `to_timestamp(nullif(abs(${verdict}), 'infinity') / 1000)`;
      return { id, isTrue: `(${verdict} > 0)`, flipsAt };
    }),
  };
}

/** PostgreSQL leaves out those without a use. */
const TABLES = [
  'left join customer_lifecycles on customer_lifecycles.customer_id = customers.id',
  'left join customer_revenues on customer_revenues.customer_id = customers.id',
  'left join customer_segments on customer_segments.customer_id = customers.id',
];

function predictionJoins(rules: readonly IdentifiedRule[]): string[] {
  return [...new Set(rules.flatMap(({ rule }) => predictionsOf(rule)))].map(predictionJoin);
}

/** Rules that do not mention each other are computed side by side, and before those that mention them. */
function layersOf(rules: readonly IdentifiedRule[], segments: SegmentIds): IdentifiedRule[][] {
  const layers: IdentifiedRule[][] = [];
  const layerOf = new Map<number, number>();
  for (const one of rules) {
    const below = segmentsOf(one.rule).map((name) => layerOf.get(segments.get(name) ?? NaN) ?? -1);
    const layer = Math.max(-1, ...below) + 1;
    layerOf.set(one.id, layer);
    (layers[layer] ??= []).push(one);
  }
  return layers;
}

function verdictSql(rule: Rule, sources: Sources): SqlVerdict {
  if ('all' in rule) return allSql(rule.all.map((member) => verdictSql(member, sources)));
  if ('any' in rule) return anySql(rule.any.map((member) => verdictSql(member, sources)));
  return 'not' in rule ? notSql(verdictSql(rule.not, sources)) : conditionSql(rule, sources);
}

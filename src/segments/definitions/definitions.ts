import type { Decision } from '../rules/decide-condition.js';
import { decision } from '../rules/evaluate-rule.js';
import { eventsOf, inputsOf, type RuleInput, segmentsOf } from '../rules/inputs-of.js';
import { orderSegments } from '../rules/order-segments.js';
import { parseRule } from '../rules/parse-rule.js';
import type { Rule, SegmentIds } from '../rules/rule.js';
import type { RuleProblem } from '../rules/value-checks.js';
import type { SegmentVersionStatus } from './segment-version.entity.js';

/** A version that decides about customers: the serving one of its segment, or one that is being filled. */
export interface ActiveVersion {
  id: number;
  segment: string;
  status: SegmentVersionStatus;
  rule: Rule;
  inputs: ReadonlySet<RuleInput>;
  decide: Decision;
}

/** All definitions in use. */
export interface Definitions {
  /** Counts the changes of definitions. */
  revision: number;
  /** A version follows those of the segments that its rule mentions. */
  versions: readonly ActiveVersion[];
  /** Versions whose rule cannot be evaluated any more. Their members stay. */
  broken: readonly { id: number; segment: string; problems: readonly RuleProblem[] }[];
  /** The serving version of each segment. */
  servingIds: SegmentIds;
  /** Ids of the versions that depend on behaviour. */
  behavioural: ReadonlySet<number>;
  /** Names of the events that rules are about. */
  eventNames: ReadonlySet<string>;
}

/** A version as stored. */
export interface DefinitionRow {
  id: number;
  segmentId: number;
  name: string;
  rule: unknown;
  status: SegmentVersionStatus;
  servingVersionId: number | null;
}

export const NO_DEFINITIONS: Definitions = {
  revision: 0,
  versions: [],
  broken: [],
  servingIds: new Map(),
  behavioural: new Set(),
  eventNames: new Set(),
};

/** Compiles stored definitions. A rule that is broken does not affect other rules. */
export function definitionsOf(revision: number, rows: readonly DefinitionRow[]): Definitions {
  const servingIds = new Map(rows.flatMap((row) => (row.status === 'serving' ? [[row.name, row.id]] : [])));
  const broken: Definitions['broken'][number][] = [];
  const versions = new Map<string, ActiveVersion[]>();
  for (const { id, name, rule, status } of rows) {
    const parsed = parseRule(rule, servingIds);
    if ('problems' in parsed) {
      broken.push({ id, segment: name, problems: parsed.problems });
      continue;
    }
    const inputs = inputsOf(parsed.rule, servingIds);
    const decide = decision(parsed.rule, servingIds);
    const version = { id, segment: name, status, rule: parsed.rule, inputs, decide };
    versions.set(name, [...(versions.get(name) ?? []), version]);
  }
  const ordered = inOrder(versions);
  const behavioural = new Set(affectedBy(ordered, isBehaviour).map(({ id }) => id));
  const eventNames = new Set(ordered.flatMap(({ rule }) => eventsOf(rule)));
  return { revision, versions: ordered, broken, servingIds, behavioural, eventNames };
}

function inOrder(versions: ReadonlyMap<string, readonly ActiveVersion[]>): ActiveVersion[] {
  const mentions = [...versions].map(
    ([name, some]) => [name, some.flatMap(({ rule }) => segmentsOf(rule))] as const,
  );
  const sorted = orderSegments(new Map(mentions));
  if ('cycle' in sorted) throw new Error(`Segments mention each other: ${sorted.cycle.join(', ')}`);
  return sorted.order.flatMap((name) => versions.get(name) ?? []);
}

/**
 * The versions whose membership may change with one of the inputs, also through other segments.
 * @param isChanged whether an input has changed
 */
export function affectedBy(
  versions: readonly ActiveVersion[],
  isChanged: (input: RuleInput) => boolean,
): ActiveVersion[] {
  const affected = new Set<RuleInput>();
  return versions.filter(({ id, inputs }) => {
    const isAffected = [...inputs].some((input) => isChanged(input) || affected.has(input));
    if (isAffected) affected.add(`segment:${id}`);
    return isAffected;
  });
}

export const isBehaviour = (input: RuleInput) => input.startsWith('behaviour:');

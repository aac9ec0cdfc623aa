import { fieldCondition, isObject, shaped, SHAPES } from './condition-shapes.js';
import type { Rule } from './rule.js';
import { Place, type Check, type RuleProblem } from './value-checks.js';

export const MAX_CONDITIONS = 200;
export const MAX_DEPTH = 10;

export type ParsedRule = { rule: Rule } | { problems: RuleProblem[] };

/**
 * Reads a rule from JSON of any form. Groups count as conditions.
 * @param segments the names of the segments that exist
 * @returns the rule in the form to store, or everything that is wrong with it
 */
export function parseRule(json: unknown, segments: { has(name: string): boolean }): ParsedRule {
  const problems: RuleProblem[] = [];
  const rule = anyRule(json, new Place('', 1, { problems, conditions: 0, segments }));
  return problems.length > 0 ? { problems } : { rule: rule as Rule };
}

const anyRule: Check = (value, place) => {
  place.reading.conditions += 1;
  if (place.reading.conditions > MAX_CONDITIONS) {
    return place.report('too_many_conditions', `A rule has at most ${MAX_CONDITIONS} conditions and groups.`);
  }
  if (place.depth > MAX_DEPTH) {
    return place.report('too_deep', `A rule is at most ${MAX_DEPTH} groups deep.`);
  }
  if (!isObject(value)) return place.report('wrong_type', 'A condition or a group is expected.');
  const group = GROUPS.find(([key]) => Object.hasOwn(value, key));
  return group ? group[1](value, place) : condition(value, place);
};

/** The rules of a group, up to the first that is too many. */
const rules: Check = (value, place) => {
  if (!Array.isArray(value)) return place.report('wrong_type', 'A list of conditions is expected.');
  if (value.length === 0) return place.report('out_of_range', 'A group has at least one condition.');
  const { reading } = place;
  return value
    .slice(0, MAX_CONDITIONS + 1)
    .map((entry: unknown, index) =>
      reading.conditions > MAX_CONDITIONS ? undefined : anyRule(entry, place.nth(index).deeper()),
    );
};

const GROUPS: readonly (readonly [key: string, check: Check])[] = [
  ['all', shaped({ required: { all: rules } })],
  ['any', shaped({ required: { any: rules } })],
  ['not', shaped({ required: { not: (value, place) => anyRule(value, place.deeper()) } })],
];

const CONDITIONS: Record<string, Check> = { field: fieldCondition, ...SHAPES };

const condition: Check = (value, place) => {
  const type = isObject(value) ? value.type : undefined;
  if (typeof type === 'string' && Object.hasOwn(CONDITIONS, type)) return CONDITIONS[type]?.(value, place);
  const types = Object.keys(CONDITIONS).join(', ');
  if (type === undefined) {
    return place.report('missing', `One of all, any and not is expected, or a type: ${types}.`);
  }
  return place.in('type').report('unknown_value', `One of these is expected: ${types}.`);
};

import { FACT_TYPES, type FactTypeName } from '../../events/integrations/fact-types.js';
import { LIFECYCLE_STAGES } from '../../events/lifecycle/lifecycle-names.js';
import { PREDICTION_TARGETS } from '../../events/prediction-targets.js';
import { anyNumber, anyText, isObject, shaped } from '../../segments/rules/condition-shapes.js';
import {
  boolean,
  type Check,
  integer,
  listOf,
  number,
  oneOf,
  Place,
  type RuleProblem,
  segment,
} from '../../segments/rules/value-checks.js';
import type { Definition } from './definition.js';
import type { KnownNames } from './known-names.js';
import { orNull, ruleCheck, stepsCheck } from './parse-steps.js';

const DAYS_MAX = 365;

/** A customer who is gone starts nothing. */
const FACTS = Object.keys(FACT_TYPES).filter(
  (name) => !['customer.deleted', 'customer.erased'].includes(name),
);

/** The definition in the form to store, or everything that is wrong with it. */
export type ParsedDefinition = { definition: Definition } | { problems: RuleProblem[] };

/** Reads a definition from JSON of any form. */
export function parseDefinition(json: unknown, known: KnownNames): ParsedDefinition {
  const problems: RuleProblem[] = [];
  const place = new Place('', 1, { problems, conditions: 0, segments: known.segments });
  const rule = ruleCheck(known);
  const shape = {
    required: { when: whenCheck(known), steps: stepsCheck(known) },
    optional: { if: rule, stopIf: rule, once: boolean, includeImported: boolean },
  };
  const parsed = shaped(shape)(json, place) as Definition;
  if (problems.length > 0) return { problems };
  return {
    definition: { ...parsed, once: parsed.once ?? true, includeImported: parsed.includeImported ?? false },
  };
}

const type: Check = (value) => value;

/** Checks a trigger by its type. */
function whenCheck({ milestones }: KnownNames): Check {
  const shapes: Record<string, Check> = {
    fact: factCheck,
    stage: shaped({ required: { type, in: listOf(oneOf(LIFECYCLE_STAGES)) } }),
    segment: shaped({ required: { type, segment, change: oneOf(['entered', 'left']) } }),
    milestone_overdue: shaped({
      required: { type, milestone: oneOf(milestones), days: integer(1, DAYS_MAX) },
      optional: { sinceStage: oneOf(LIFECYCLE_STAGES) },
    }),
    prediction: shaped({
      required: {
        type,
        target: oneOf(PREDICTION_TARGETS),
        crosses: oneOf(['above', 'below']),
        value: number(0, 1),
      },
    }),
    manual: shaped({ required: { type } }),
  };
  return (value, place) => {
    const name = isObject(value) ? value.type : undefined;
    if (typeof name === 'string' && Object.hasOwn(shapes, name)) return shapes[name]?.(value, place);
    return oneOf(Object.keys(shapes))(name, place.in('type'));
  };
}

/** The values of a fact are compared as they are, so each one has the type that the fact has. */
const factCheck: Check = (value, place) => {
  const checked = shaped({ required: { type, fact: oneOf(FACTS) }, optional: { data: type } })(value, place);
  if (!isObject(checked) || checked.data === undefined || typeof checked.fact !== 'string') return checked;
  const kinds = Object.entries(FACT_TYPES[checked.fact as FactTypeName].data);
  const filters = kinds.flatMap(([name, kind]) => (kind === 'texts' ? [] : [[name, VALUES[kind]] as const]));
  shaped({ optional: Object.fromEntries(filters) })(checked.data, place.in('data'));
  return checked;
};

const VALUES: Record<'text' | 'nullable text' | 'number' | 'flag', Check> = {
  text: anyText,
  'nullable text': orNull(anyText),
  number: anyNumber,
  flag: boolean,
};

import { LIFECYCLE_STAGES } from '../../events/lifecycle/lifecycle-names.js';
import { PREDICTION_TARGETS } from '../../events/prediction-targets.js';
import { FIELD_KINDS, FOLDED_FIELDS, PERIODS, type Condition } from './rule.js';
import {
  boolean,
  integer,
  listOf,
  number,
  onlyTrue,
  oneOf,
  segment,
  text,
  time,
  zone,
  type Check,
  type Place,
} from './value-checks.js';
import { folded } from './values.js';

/** The keys of an object: all of `required`, exactly one of `choice`, any of `optional`, at most one of `perhaps`. */
export interface Shape {
  required?: Record<string, Check>;
  choice?: Record<string, Check>;
  optional?: Record<string, Check>;
  perhaps?: Record<string, Check>;
}

const MAX_DAYS = 3653;
const MAX_TEXT = 500;
const MAX_NUMBER = Number.MAX_SAFE_INTEGER;
const MAX_COUNT = 1_000_000;

/** Checks the keys of an object, and each value. */
export function shaped(shape: Shape): Check {
  const checks = { ...shape.required, ...shape.choice, ...shape.optional, ...shape.perhaps };
  return (value, place) => {
    if (!isObject(value)) return place.report('wrong_type', 'An object is expected.');
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(checks, key)) {
        place.in(key).report('unknown_key', `Possible keys are: ${Object.keys(checks).join(', ')}.`);
      }
    }
    const present = Object.keys(checks).filter((key) => Object.hasOwn(value, key));
    checkPresence(shape, present, place);
    return Object.fromEntries(present.map((key) => [key, checks[key]?.(value[key], place.in(key))]));
  };
}

function checkPresence(shape: Shape, present: readonly string[], place: Place): void {
  for (const key of Object.keys(shape.required ?? {})) {
    if (!present.includes(key)) place.in(key).report('missing', 'The key is required.');
  }
  for (const choices of [shape.choice, shape.perhaps]) {
    const given = present.filter((key) => choices && Object.hasOwn(choices, key));
    const names = Object.keys(choices ?? {}).join(', ');
    if (given.length > 1) place.report('ambiguous', `Only one of these keys is possible: ${names}.`);
    if (choices && choices === shape.choice && given.length === 0) {
      place.report('missing', `One of these keys is required: ${names}.`);
    }
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A length of time, in days, hours or minutes. */
export function windowUpTo(days: number): Check {
  const choice = { days: integer(1, days), hours: integer(1, days * 24), minutes: integer(1, days * 1440) };
  return shaped({ choice });
}

const window = windowUpTo(MAX_DAYS);

const recent = {
  withinLast: window,
  during: shaped({ required: { period: oneOf(PERIODS), zone } }),
};

export const anyNumber = number(-MAX_NUMBER, MAX_NUMBER);
export const anyText = text(MAX_TEXT);
const foldedText: Check = (value, place) => {
  const checked = anyText(value, place);
  return typeof checked === 'string' ? folded(checked) : checked;
};

/** A text, a number, true or false. */
export const scalar: Check = (value, place) => {
  if (typeof value === 'number') return anyNumber(value, place);
  return typeof value === 'boolean' ? value : anyText(value, place);
};

const textTests = (one: Check) => ({ equals: one, in: listOf(one), contains: one, present: onlyTrue });

const VALUE_TESTS = {
  ...textTests(anyText),
  equals: scalar,
  in: listOf(scalar),
  greaterThan: anyNumber,
  lessThan: anyNumber,
};

const FIELD_TESTS = {
  text: textTests(anyText),
  folded: textTests(foldedText),
  boolean: { equals: boolean },
  time: { before: time, after: time, ...recent },
};

const FILTER: Shape = {
  required: { event: text(200) },
  optional: { where: listOf(shaped({ required: { property: text(200) }, choice: VALUE_TESTS })) },
};

const type: Check = (value) => value;
const share = number(0, 1);

/** The keys of each type of condition. Those of a field depend on its kind. */
export const SHAPES: Record<Exclude<Condition['type'], 'field'>, Check> = {
  metadata: shaped({ required: { type, key: text(40) }, choice: VALUE_TESTS }),
  stage: shaped({ required: { type, in: listOf(oneOf(LIFECYCLE_STAGES)) } }),
  in_stage_for: shaped({ required: { type, atLeast: window } }),
  milestone: shaped({
    required: { type, milestone: text(200) },
    choice: { reached: onlyTrue, ...recent, withinFirst: window },
  }),
  behaviour: shaped({
    required: { type, ...FILTER.required },
    optional: FILTER.optional,
    choice: { atLeast: integer(1, MAX_COUNT), atMost: integer(0, MAX_COUNT) },
    perhaps: recent,
  }),
  last_event: shaped({
    required: { type, ...FILTER.required },
    optional: FILTER.optional,
    choice: { atLeast: window, lessThan: window },
  }),
  mrr: shaped({
    required: { type, currency: foldedText },
    choice: {
      equals: integer(0, MAX_NUMBER),
      greaterThan: integer(0, MAX_NUMBER),
      lessThan: integer(0, MAX_NUMBER),
    },
  }),
  segment: shaped({ required: { type, segment } }),
  arm: shaped({ required: { type, experiment: text(63), in: listOf(text(63)) } }),
  prediction: shaped({
    required: { type, target: oneOf(PREDICTION_TARGETS) },
    choice: { atLeast: share, atMost: share },
  }),
  bucket: (value, place) => {
    const shape = { type, unit: oneOf(['customer', 'user']), seed: text(100), from: share, to: share };
    const checked = shaped({ required: shape })(value, place);
    if (isObject(checked) && Number(checked.from) >= Number(checked.to)) {
      place.report('out_of_range', '`from` must be less than `to`.');
    }
    return checked;
  },
};

const FIELD_SHAPES = Object.fromEntries(
  Object.entries(FIELD_KINDS).map(([field, kind]) => {
    const tests = FIELD_TESTS[FOLDED_FIELDS.has(field) ? 'folded' : kind];
    return [field, shaped({ required: { type, field: type }, choice: tests })];
  }),
);

/** Checks a condition about a field by the kind of the field. */
export const fieldCondition: Check = (value, place) => {
  const name = isObject(value) ? value.field : undefined;
  if (typeof name === 'string' && Object.hasOwn(FIELD_SHAPES, name))
    return FIELD_SHAPES[name]?.(value, place);
  return oneOf(Object.keys(FIELD_KINDS))(name, place.in('field'));
};

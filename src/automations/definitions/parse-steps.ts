import { ONBOARDING_KINDS } from '../../events/onboarding-kinds.js';
import { ACTION_FIELDS } from '../../integrations/connectors/connector.js';
import { problemsOfPlaceholders } from '../../integrations/mapping/placeholders.js';
import { isObject, scalar, shaped, windowUpTo } from '../../segments/rules/condition-shapes.js';
import { parseRule } from '../../segments/rules/parse-rule.js';
import { type Check, oneOf, text } from '../../segments/rules/value-checks.js';
import type { ActionKind } from './definition.js';
import type { KnownNames } from './known-names.js';

const STEPS_MAX = 50;
const DAYS_MAX = 365;
const TEXT_MAX = 5000;
const PRIORITIES = ['low', 'normal', 'high', 'urgent'];

export function orNull(check: Check): Check {
  return (value, place) => (value === null ? null : check(value, place));
}

/** A rule of segments. Its problems are named by their place in the definition. */
export function ruleCheck({ segments }: KnownNames): Check {
  return (value, place) => {
    const parsed = parseRule(value, segments);
    if ('rule' in parsed) return parsed.rule;
    for (const { path, code, detail } of parsed.problems)
      (path === '' ? place : place.in(path)).report(code, detail);
    return undefined;
  };
}

export function stepsCheck(known: KnownNames): Check {
  const step = stepCheck(known);
  return (value, place) => {
    if (!Array.isArray(value)) return place.report('wrong_type', 'A list of steps is expected.');
    if (value.length === 0 || value.length > STEPS_MAX)
      return place.report('out_of_range', `An automation has 1 to ${STEPS_MAX} steps.`);
    return value.map((entry: unknown, index) => step(entry, place.nth(index)));
  };
}

const window = windowUpTo(DAYS_MAX);

/** Checks a step by the key that says what it does. */
function stepCheck(known: KnownNames): Check {
  const shapes: Record<string, Check> = {
    wait: shaped({ required: { wait: waitCheck(known) } }),
    connector: connectorCheck(known),
    message: (value, place) => {
      const shape = {
        required: { message: oneOf(ONBOARDING_KINDS) },
        optional: { channel: oneOf(['email', 'in_app']) },
      };
      const checked = shaped(shape)(value, place);
      return isObject(checked) ? { channel: 'email', ...checked } : checked;
    },
    attribute: shaped({ required: { attribute: attributeName, value: orNull(scalar) } }),
  };
  return (value, place) => {
    const key = isObject(value) ? Object.keys(shapes).find((name) => Object.hasOwn(value, name)) : undefined;
    if (key) return shapes[key]?.(value, place);
    return place.report('missing', `A step has one of these keys: ${Object.keys(shapes).join(', ')}.`);
  };
}

function waitCheck(known: KnownNames): Check {
  const until = shaped({
    required: { until: ruleCheck(known), timeout: window, onTimeout: oneOf(['continue', 'stop']) },
  });
  return (value, place) => (isObject(value) && 'until' in value ? until : window)(value, place);
}

function connectorCheck({ connectors }: KnownNames): Check {
  return (value, place) => {
    const shape = {
      required: { connector: oneOf([...connectors.keys()]), kind: oneOf(KINDS) },
      optional: { fields: any },
    };
    const checked = shaped(shape)(value, place);
    if (!isObject(checked) || typeof checked.connector !== 'string' || typeof checked.kind !== 'string')
      return checked;
    const kind = checked.kind as ActionKind;
    if (!connectors.get(checked.connector)?.includes(kind))
      return place.in('kind').report('unknown_value', `The connector ${checked.connector} has no ${kind}.`);
    const needsFields = kind !== 'upsertPerson';
    if (needsFields || checked.fields !== undefined)
      FIELD_CHECKS[kind](checked.fields ?? {}, place.in('fields'));
    return checked;
  };
}

const any: Check = (value) => value;

const template: Check = (value, place) => {
  const checked = text(TEXT_MAX)(value, place);
  if (typeof checked !== 'string') return checked;
  for (const problem of problemsOfPlaceholders(checked))
    place.report('unknown_value', `The text has a problem: ${problem}.`);
  return checked;
};

const FIELD_VALUES: Record<string, Check> = { dueAt: window, priority: oneOf(PRIORITIES) };

const KINDS: readonly ActionKind[] = [
  'upsertPerson',
  ...(Object.keys(ACTION_FIELDS) as (keyof typeof ACTION_FIELDS)[]),
];

/** The fields of each kind of action. */
const FIELD_CHECKS = Object.fromEntries(
  KINDS.map((kind) => {
    const fields = kind === 'upsertPerson' ? [] : ACTION_FIELDS[kind];
    const checksOf = (isRequired: boolean) =>
      Object.fromEntries(
        fields
          .filter((field) => field.isRequired === isRequired)
          .map(({ name }) => [name, FIELD_VALUES[name] ?? template]),
      );
    return [kind, shaped({ required: checksOf(true), optional: checksOf(false) })];
  }),
) as Record<ActionKind, Check>;

const attributeName: Check = (value, place) => {
  if (typeof value === 'string' && /^[a-z][a-z0-9_]{0,39}$/.test(value)) return value;
  return place.report(
    'wrong_type',
    'A name of lower-case letters, digits and _ is expected, at most 40 characters.',
  );
};

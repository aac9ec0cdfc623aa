import fc from 'fast-check';
import { LIFECYCLE_STAGES } from '../../src/events/lifecycle/lifecycle-names.js';
import { PREDICTION_TARGETS } from '../../src/events/prediction-targets.js';
import type { Condition, Rule } from '../../src/segments/rules/rule.js';
import { FIELD_KINDS, PERIODS } from '../../src/segments/rules/rule.js';

/** Few values of each kind, so that rules and customers often meet. */
export const TEXTS = [
  'DE',
  'de',
  'pro',
  'it’s',
  '1\\',
  '12.50',
  '-0.0000001',
  '7',
  'Z.example',
  '𝒳',
] as const;
export const NUMBERS = [0, 7, 12.5, -1e-7, 0.1, 9_007_199_254_740_991] as const;
export const KEYS = ['plan', `o'k"ey`, '__proto__', 'constructor', 'n'] as const;
export const EVENTS = ['login', `sha'red`, '$page'] as const;
export const MILESTONES = ['activated', 'first_payment', 'toString'] as const;
export const EXPERIMENTS = ['welcome', `it's`] as const;
export const ARMS = ['a', 'b', `o'c`] as const;
export const CURRENCIES = ['usd', 'eur'] as const;
export const SCORES = [0, 0.1, 0.3, 1 / 3, 1] as const;
export const WINDOWS = [{ minutes: 1 }, { hours: 1 }, { days: 1 }, { days: 7 }, { days: 40 }] as const;
/** Among them zones whose clocks change at midnight, by half an hour, and never. */
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/Havana',
  'Atlantic/Azores',
  'America/Santiago',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
] as const;

const from = <T>(values: readonly T[]) => fc.constantFrom(...values);
const scalar = fc.oneof(from<string | number | boolean>(TEXTS), from(NUMBERS), fc.boolean());
const window = from(WINDOWS);
const recent = fc.oneof(
  fc.record({ withinLast: window }),
  fc.record({ during: fc.record({ period: from(PERIODS), zone: from(ZONES) }) }),
);

const textTest = fc.oneof(
  fc.record({ equals: from(TEXTS) }),
  fc.record({ in: fc.array(from(TEXTS), { minLength: 1, maxLength: 4 }) }),
  fc.record({ contains: fc.constantFrom('e', '.', '’', 'E', '\\', '%', '𝒳') }),
  fc.constant({ present: true }),
);

const valueTest = fc.oneof(
  textTest,
  fc.record({ equals: scalar }),
  fc.record({ in: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
  fc.record({ greaterThan: from(NUMBERS) }),
  fc.record({ lessThan: from(NUMBERS) }),
);

/** A condition of two parts, as one object. */
function joined(...parts: fc.Arbitrary<object>[]): fc.Arbitrary<Condition> {
  return fc.tuple(...parts).map((values) => Object.assign({}, ...values) as Condition);
}

const namesOf = (kind: string) =>
  Object.entries(FIELD_KINDS).flatMap(([name, is]) => (is === kind ? [name] : []));
const field = (kind: string) => fc.record({ type: fc.constant('field'), field: from(namesOf(kind)) });
const events = fc.record(
  {
    event: from(EVENTS),
    where: fc.array(joined(fc.record({ property: from(KEYS) }), valueTest), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['event'] },
);
const typed = (type: string, fields: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.record({ type: fc.constant(type), ...fields });

/** Any condition about times between the middle of `around`. */
function condition(around: Date, segments: readonly string[]): fc.Arbitrary<Condition> {
  const time = fc.integer({ min: -3, max: 3 }).map((days) => new Date(around.getTime() + days * 86_400_000));
  const iso = time.map((date) => date.toISOString());
  const share = fc.constantFrom(0, 0.2, 0.5, 0.8);
  const counted = joined(
    typed('behaviour'),
    events,
    fc.oneof(
      fc.record({ atLeast: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ atMost: fc.integer({ min: 0, max: 3 }) }),
    ),
    fc.oneof(fc.constant({}), recent, recent),
  );
  return fc.oneof(
    joined(field('text'), textTest),
    joined(field('boolean'), fc.record({ equals: fc.boolean() })),
    joined(field('time'), fc.oneof(fc.record({ before: iso }), fc.record({ after: iso }), recent)),
    joined(typed('metadata', { key: from(KEYS) }), valueTest),
    joined(typed('stage', { in: fc.array(from(LIFECYCLE_STAGES), { minLength: 1, maxLength: 3 }) })),
    joined(typed('in_stage_for', { atLeast: window })),
    joined(
      typed('milestone', { milestone: from(MILESTONES) }),
      fc.oneof(fc.constant({ reached: true }), recent, fc.record({ withinFirst: window })),
    ),
    { arbitrary: counted, weight: 6 },
    joined(
      typed('last_event'),
      events,
      fc.oneof(fc.record({ atLeast: window }), fc.record({ lessThan: window })),
    ),
    joined(
      typed('mrr', { currency: from(CURRENCIES) }),
      fc.oneof(
        ...['equals', 'greaterThan', 'lessThan'].map((key) =>
          fc.record({ [key]: fc.constantFrom(0, 100, 250) }),
        ),
      ),
    ),
    joined(
      typed('prediction', { target: from(PREDICTION_TARGETS) }),
      fc.oneof(fc.record({ atLeast: from(SCORES) }), fc.record({ atMost: from(SCORES) })),
    ),
    joined(typed('segment', { segment: from(segments) })),
    joined(
      typed('arm', {
        experiment: from([...EXPERIMENTS, 'toString']),
        in: fc.array(from([...ARMS, 'gone']), { minLength: 1, maxLength: 2 }),
      }),
    ),
    joined(
      typed('bucket', {
        unit: fc.constantFrom('customer', 'user'),
        seed: from(TEXTS),
        from: share,
        to: fc.constant(0.9),
      }),
    ),
  );
}

/** A rule that may mention the segments. */
export function arbitraryRule(around: Date, segments: readonly string[]): fc.Arbitrary<Rule> {
  const { rule } = fc.letrec<{ rule: Rule; group: Rule }>((tie) => ({
    rule: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      condition(around, segments),
      tie('group'),
    ),
    group: fc.oneof(
      fc.record({ all: fc.array(tie('rule'), { minLength: 1, maxLength: 4 }) }),
      fc.record({ any: fc.array(tie('rule'), { minLength: 1, maxLength: 4 }) }),
      fc.record({ not: tie('rule') }),
    ),
  }));
  return rule;
}

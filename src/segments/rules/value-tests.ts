import type { Scalar, ValueTest } from './rule.js';
import { numberOf, textOf } from './values.js';

/** The test of a value as a function. */
export function valueTest(test: ValueTest): (value: unknown) => boolean {
  if ('equals' in test) return equalTo(test.equals);
  if ('in' in test) return oneOf(test.in);
  if ('contains' in test) return (value) => textOf(value)?.includes(test.contains) ?? false;
  if ('present' in test) return (value) => value !== undefined && value !== null && value !== '';
  // A comparison with null is false, because NaN compares with nothing.
  if ('greaterThan' in test) return (value) => (numberOf(value) ?? NaN) > test.greaterThan;
  return (value) => (numberOf(value) ?? NaN) < test.lessThan;
}

function equalTo(expected: Scalar): (value: unknown) => boolean {
  if (typeof expected === 'number') return (value) => numberOf(value) === expected;
  return (value) => value === expected;
}

function oneOf(expected: readonly Scalar[]): (value: unknown) => boolean {
  const [values, numbers] = [new Set<unknown>(expected), expected.filter((one) => typeof one === 'number')];
  if (numbers.length === 0) return (value) => values.has(value);
  return (value) => values.has(value) || values.has(numberOf(value));
}

/** A value of an object, without what JavaScript's objects inherit. */
export function ownValue(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

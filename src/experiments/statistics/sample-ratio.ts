import { chiSquareTail } from './distributions.js';

const UNITS_MIN = 100;
const EXPECTED_MIN = 8;
const WARNS_BELOW = 0.01;
const ALERTS_BELOW = 0.001;
/** A million units make deviations significant that are too small to matter. */
const DEVIATION_MIN = 0.001;

export interface ArmUnits {
  arm: string;
  weight: number;
  units: number;
}

/** Whether the units are spread over the arms as the weights say: if not, something loses units of an arm. */
export interface SampleRatio {
  chiSquare: number;
  p: number;
  /** The largest difference between the share of an arm and its weight. */
  deviation: number;
  verdict: 'matches' | 'warns' | 'alerts';
}

/** Null while there are too few units to judge: below 100, or below 8 expected of an arm, or a single arm. */
export function sampleRatio(arms: readonly ArmUnits[]): SampleRatio | null {
  const weighted = arms.filter(({ weight }) => weight > 0);
  const units = sumOf(weighted.map((arm) => arm.units));
  const weights = sumOf(weighted.map(({ weight }) => weight));
  const expected = weighted.map((arm) => ({ ...arm, expected: (units * arm.weight) / weights }));
  if (weighted.length < 2 || units < UNITS_MIN) return null;
  if (expected.some((arm) => arm.expected < EXPECTED_MIN)) return null;
  const chiSquare = sumOf(expected.map((arm) => (arm.units - arm.expected) ** 2 / arm.expected));
  const p = chiSquareTail(chiSquare, weighted.length - 1);
  const deviation = Math.max(...expected.map((arm) => Math.abs(arm.units - arm.expected) / units));
  return { chiSquare, p, deviation, verdict: verdictOf(p, deviation) };
}

function verdictOf(p: number, deviation: number): SampleRatio['verdict'] {
  if (p < ALERTS_BELOW && deviation >= DEVIATION_MIN) return 'alerts';
  return p < WARNS_BELOW ? 'warns' : 'matches';
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

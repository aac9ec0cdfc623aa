import { sumsByCustomer } from './sums-by-customer.js';

/** The mean of values. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < values.length; row += 1) sum += values[row] as number;
  return sum / values.length;
}

/**
 * The mean of values and its standard error. Values of one customer depend on one another, so the error is that of
 * the sums by customer.
 * @param customers the customer of each value
 */
export function meanAndError(
  values: Float64Array,
  customers: Uint32Array,
): { mean: number; standardError: number } {
  const mean = meanOf(values);
  const sums = sumsByCustomer(
    values.map((value) => value - mean),
    customers,
  );
  let squares = 0;
  for (const sum of sums.values()) squares += sum ** 2;
  const correction = sums.size / Math.max(1, sums.size - 1);
  return { mean, standardError: Math.sqrt(correction * squares) / values.length };
}

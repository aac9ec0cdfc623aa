import { ascendingOrder } from '../rows/order.js';
import { meanOf } from './mean-and-error.js';
import { sumsByCustomer } from './sums-by-customer.js';

/** A value with its 95 % interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/**
 * The probability that a positive row scores higher than a negative one (ties count half). The interval is that of
 * DeLong, DeLong and Clarke-Pearson (1988) from ranks, as Obuchowski (1997) extends it to several rows of a customer.
 * NaN unless there are rows of both labels.
 * @param customers the customer of each row; each row has its own if they are missing
 */
export function areaUnderCurve(
  scores: Float64Array,
  labels: Uint8Array,
  customers: Uint32Array = Uint32Array.from(labels.keys()),
): Interval {
  const ranks = midRanks(scores);
  const [positiveRows, negativeRows] = [1, 0].map((label) => rowsWith(labels, label)) as [number[], number[]];
  const [positives, negatives] = [positiveRows.length, negativeRows.length];
  const within = (rows: number[]) => midRanks(Float64Array.from(rows, (row) => scores[row] as number));
  const [positiveRanks, negativeRanks] = [within(positiveRows), within(negativeRows)];
  const above = positiveRows.map((row, index) => {
    return ((ranks[row] as number) - (positiveRanks[index] as number)) / negatives;
  });
  const below = negativeRows.map((row, index) => {
    return 1 - ((ranks[row] as number) - (negativeRanks[index] as number)) / positives;
  });
  const value = meanOf(above);
  const sumsOf = (placements: number[], rows: number[]) =>
    sumsByCustomer(
      placements.map((placement) => (placement - value) / rows.length),
      rows.map((row) => customers[row] as number),
    );
  const margin = Z * Math.sqrt(varianceOf(sumsOf(above, positiveRows), sumsOf(below, negativeRows)));
  return { value, low: Math.max(0, value - margin), high: Math.min(1, value + margin) };
}

/** The variance of the area from the sums of each customer's positive rows and of its negative ones. */
function varianceOf(above: Map<number, number>, below: Map<number, number>): number {
  const customers = new Set([...above.keys(), ...below.keys()]).size;
  const unbiased = (count: number) => count / Math.max(1, count - 1);
  const squares = (sums: Map<number, number>) => [...sums.values()].reduce((sum, one) => sum + one ** 2, 0);
  const products = [...above].reduce((sum, [customer, one]) => sum + one * (below.get(customer) ?? 0), 0);
  return (
    unbiased(above.size) * squares(above) +
    unbiased(below.size) * squares(below) +
    2 * unbiased(customers) * products
  );
}

/** The rank of each score from 1 on; equal scores share the mean of their ranks. */
function midRanks(scores: Float64Array): Float64Array {
  const order = ascendingOrder(scores);
  const ranks = new Float64Array(scores.length);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && scores[order[end] as number] === scores[order[start] as number]) end += 1;
    for (let at = start; at < end; at += 1) ranks[order[at] as number] = (start + end + 1) / 2;
  }
  return ranks;
}

function rowsWith(labels: Uint8Array, label: number): number[] {
  const rows: number[] = [];
  labels.forEach((other, row) => {
    if (other === label) rows.push(row);
  });
  return rows;
}

import { ascendingOrder } from '../rows/order.js';

/** A value with its 95 % interval. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/**
 * The probability that a positive row scores higher than a negative one (ties count half), with the interval of
 * DeLong, DeLong and Clarke-Pearson (1988) from ranks. NaN unless there are rows of both labels.
 */
export function areaUnderCurve(scores: Float64Array, labels: Uint8Array): Interval {
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
  const margin = Z * Math.sqrt(varianceOf(above) / positives + varianceOf(below) / negatives);
  return { value, low: Math.max(0, value - margin), high: Math.min(1, value + margin) };
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

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
}

import { ascendingOrder } from '../rows/order.js';
import { sumsByCustomer } from './sums-by-customer.js';

const DECILES = 10;
/** One-sided 95 % of the normal distribution. */
const Z = 1.644854;

/** The mean squared distance of probabilities from labels. */
export function brierScore(scores: Float64Array, labels: Uint8Array): number {
  return mean(scores.length, (row) => ((scores[row] as number) - (labels[row] as number)) ** 2);
}

/** The mean of −ln of the probability given to the label. */
export function logLoss(scores: Float64Array, labels: Uint8Array): number {
  return mean(scores.length, (row) => {
    const score = scores[row] as number;
    return -Math.log(labels[row] === 1 ? score : 1 - score);
  });
}

/**
 * Expected calibration error: the distance of mean score and share of positives in each tenth of the rows by score,
 * averaged. Tenths have equally many rows; equally wide ranges would leave most of a rare target in one.
 */
export function calibrationError(scores: Float64Array, labels: Uint8Array): number {
  let sum = 0;
  for (const rows of decilesOf(scores)) {
    const surplus = rows.reduce((total, row) => total + (scores[row] as number) - (labels[row] as number), 0);
    sum += Math.abs(surplus);
  }
  return sum / scores.length;
}

/** What a figure is by chance alone. */
export interface ByChance {
  mean: number;
  /** It is higher in about one of twenty samples. */
  high: number;
}

/**
 * What the expected calibration error is if the scores are the true probabilities. Rows of one customer in a tenth count
 * as if all came true or none did, as their windows overlap.
 * @param customers the customer of each row
 */
export function calibrationErrorByChance(scores: Float64Array, customers: Uint32Array): ByChance {
  let [expected, variance] = [0, 0];
  for (const rows of decilesOf(scores)) {
    const deviations = Array.from(rows, (row) => {
      const score = scores[row] as number;
      return Math.sqrt(score * (1 - score));
    });
    const own = Array.from(rows, (row) => customers[row] as number);
    let ofTenth = 0;
    for (const deviation of sumsByCustomer(deviations, own).values()) ofTenth += deviation ** 2;
    // The absolute value of a normal deviation.
    expected += Math.sqrt((2 / Math.PI) * ofTenth);
    variance += (1 - 2 / Math.PI) * ofTenth;
  }
  return { mean: expected / scores.length, high: (expected + Z * Math.sqrt(variance)) / scores.length };
}

/** The share of positives in each tenth of the rows, highest scores first, divided by the share in all rows. */
export function liftByDecile(scores: Float64Array, labels: Uint8Array): number[] {
  const share = mean(labels.length, (row) => labels[row] as number);
  return decilesOf(scores).map(
    (rows) => mean(rows.length, (at) => labels[rows[at] as number] as number) / share,
  );
}

/** The rows of each tenth, highest scores first. */
function decilesOf(scores: Float64Array): Uint32Array[] {
  const order = ascendingOrder(scores).toReversed();
  const startOf = (decile: number) => Math.floor((decile * order.length) / DECILES);
  return Array.from({ length: DECILES }, (_, decile) => order.subarray(startOf(decile), startOf(decile + 1)));
}

function mean(rows: number, of: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < rows; row += 1) sum += of(row);
  return sum / rows;
}

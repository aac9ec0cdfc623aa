import { ascendingOrder } from '../rows/order.js';

const CALIBRATION_BINS = 10;
const DECILES = 10;

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
 * Expected calibration error: the distance of mean score and share of positives in ten equally wide bins of scores,
 * weighted by their rows.
 */
export function calibrationError(scores: Float64Array, labels: Uint8Array): number {
  const distances = new Float64Array(CALIBRATION_BINS);
  scores.forEach((score, row) => {
    const bin = Math.min(CALIBRATION_BINS - 1, Math.floor(score * CALIBRATION_BINS));
    (distances[bin] as number) += score - (labels[row] as number);
  });
  return distances.reduce((sum, distance) => sum + Math.abs(distance), 0) / scores.length;
}

/** The share of positives in each tenth of the rows, highest scores first, divided by the share in all rows. */
export function liftByDecile(scores: Float64Array, labels: Uint8Array): number[] {
  const order = ascendingOrder(scores).toReversed();
  const shareOf = (rows: Uint32Array) => mean(rows.length, (at) => labels[rows[at] as number] as number);
  const share = shareOf(order);
  return Array.from({ length: DECILES }, (_, decile) => {
    const [start, end] = [decile, decile + 1].map((tenths) => Math.round((tenths * order.length) / DECILES));
    return shareOf(order.subarray(start, end)) / share;
  });
}

function mean(rows: number, of: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < rows; row += 1) sum += of(row);
  return sum / rows;
}

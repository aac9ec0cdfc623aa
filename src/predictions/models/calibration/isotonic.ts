import { ascendingOrder } from '../rows/order.js';

/** Knots of a monotone map from logits to probabilities: linear between them, constant outside. */
export interface Calibration {
  logits: number[];
  probabilities: number[];
}

/** A run of rows with neighbouring logits, that get one probability. */
interface Block {
  logit: number;
  probability: number;
  weight: number;
}

/** Rows are pooled first, so that no probability rests on a few rows. */
const GROUPS_MAX = 200;
const GROUP_ROWS_MIN = 50;

/**
 * Isotonic regression of labels on logits by pooling adjacent violators. Each group of rows also holds one row at
 * the base rate, so that no probability is 0 or 1.
 */
export function fitIsotonic(logits: Float64Array, labels: Uint8Array): Calibration {
  const blocks: Block[] = [];
  for (const group of groupsOf(logits, labels)) {
    let block = group;
    for (let last = blocks.at(-1); last && last.probability >= block.probability; last = blocks.at(-1)) {
      blocks.pop();
      block = pooled(last, block);
    }
    blocks.push(block);
  }
  return {
    logits: blocks.map(({ logit }) => logit),
    probabilities: blocks.map(({ probability }) => probability),
  };
}

/** The probability of a logit. */
export function calibrate({ logits, probabilities }: Calibration, logit: number): number {
  let [low, high] = [0, logits.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((logits[middle] as number) < logit) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return probabilities[0] as number;
  if (low === logits.length) return probabilities[low - 1] as number;
  const [x0, x1] = [logits[low - 1] as number, logits[low] as number];
  const [y0, y1] = [probabilities[low - 1] as number, probabilities[low] as number];
  return y0 + ((y1 - y0) * (logit - x0)) / (x1 - x0);
}

/** Groups of neighbours, of about equal size; rows with one logit are in one group. */
function groupsOf(logits: Float64Array, labels: Uint8Array): Block[] {
  const order = ascendingOrder(logits);
  const size = Math.max(GROUP_ROWS_MIN, Math.ceil(order.length / GROUPS_MAX));
  const baseRate = labels.reduce((sum, label) => sum + label, 0) / labels.length;
  const groups: Block[] = [];
  for (let start = 0, end = 0; start < order.length; start = end) {
    end = Math.min(start + size, order.length);
    while (end < order.length && logits[order[end] as number] === logits[order[end - 1] as number]) end += 1;
    if (order.length - end < size) end = order.length;
    groups.push(groupOf(order.subarray(start, end), logits, labels, baseRate));
  }
  return groups;
}

function groupOf(rows: Uint32Array, logits: Float64Array, labels: Uint8Array, baseRate: number): Block {
  let [logit, positives] = [0, 0];
  for (const row of rows) {
    logit += logits[row] as number;
    positives += labels[row] as number;
  }
  const weight = rows.length + 1;
  return { logit: logit / rows.length, probability: (positives + baseRate) / weight, weight };
}

function pooled(a: Block, b: Block): Block {
  const weight = a.weight + b.weight;
  const mean = (x: number, y: number) => (a.weight * x + b.weight * y) / weight;
  return {
    logit: mean(a.logit, b.logit),
    probability: mean(a.probability, b.probability),
    weight,
  };
}

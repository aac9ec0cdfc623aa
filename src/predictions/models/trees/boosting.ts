import type { Columns, RowRange } from '../rows/columns.js';
import { lossOf, probabilityOf } from '../rows/logits.js';
import { seededRandom } from '../rows/random.js';
import { codesOf, edgesOf } from './bins.js';
import { addTree, type Forest, type Tree } from './tree.js';
import { emptySample, type Sample, TreeGrower } from './tree-grower.js';

const TREES_MAX = 200;
/** Boosting ends when so many trees in a row have not lowered the loss of the validation rows. */
const PATIENCE = 20;
const LEARNING_RATE = 0.15;
/** Each tree sees a random sample of the rows: trees differ more, and the time does not grow with the rows. */
const SAMPLE_SHARE = 0.8;
const SAMPLE_MAX = 30_000;

/**
 * Gradient-boosted trees that minimise the log loss. The validation rows only decide how many trees are kept.
 * The same seed gives the same trees.
 */
export function boostTrees(
  columns: Columns,
  labels: Uint8Array,
  parts: { train: RowRange; validation: RowRange },
  seed: number,
): Forest {
  const { train, validation } = parts;
  const random = seededRandom(seed);
  const rows = train.end - train.start;
  const edges = edgesOf(columns, train);
  const share = Math.min(SAMPLE_SHARE, SAMPLE_MAX / rows);
  const sample = emptySample(rows);
  const grower = new TreeGrower(
    { codes: codesOf(columns, train, edges), rows, edges },
    sample,
    LEARNING_RATE,
  );
  const intercept = startLogit(labels, train);
  const logits = new Float64Array(rows).fill(intercept);
  const judged = new Float64Array(validation.end - validation.start).fill(intercept);
  const trees: Tree[] = [];
  let [kept, least] = [0, meanLoss(judged, labels, validation)];
  while (trees.length < TREES_MAX && trees.length < kept + PATIENCE) {
    drawSample(sample, logits, labels.subarray(train.start, train.end), share, random);
    const tree = grower.grow();
    trees.push(tree);
    addTree(tree, columns, train, logits);
    addTree(tree, columns, validation, judged);
    const loss = meanLoss(judged, labels, validation);
    if (loss < least) [kept, least] = [trees.length, loss];
  }
  return { intercept, trees: trees.slice(0, kept) };
}

function startLogit(labels: Uint8Array, range: RowRange): number {
  let positives = 0.5;
  for (let row = range.start; row < range.end; row += 1) positives += labels[row] as number;
  return Math.log(positives / (range.end - range.start + 1 - positives));
}

function drawSample(
  sample: Sample,
  logits: Float64Array,
  labels: Uint8Array,
  share: number,
  random: () => number,
): void {
  let size = 0;
  for (let row = 0; row < logits.length; row += 1) {
    if (random() >= share) continue;
    const probability = probabilityOf(logits[row] as number);
    sample.row[size] = row;
    sample.gradient[size] = probability - (labels[row] as number);
    sample.curvature[size] = probability * (1 - probability);
    size += 1;
  }
  sample.size = size;
}

function meanLoss(logits: Float64Array, labels: Uint8Array, range: RowRange): number {
  let sum = 0;
  for (let row = 0; row < logits.length; row += 1) {
    sum += lossOf(logits[row] as number, labels[range.start + row] as number);
  }
  return sum / logits.length;
}

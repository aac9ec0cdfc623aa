import type { RowRange } from '../rows/columns.js';
import { lossOf, probabilityOf } from '../rows/logits.js';
import { BLOCK, type Design } from './design.js';
import { solveSymmetric } from './symmetric-system.js';

/** Loss, gradient and curvature of the penalised loss at some weights. */
export class NewtonSystem {
  private readonly width: number;
  private readonly curvature: Float64Array;
  private readonly gradient: Float64Array;
  private readonly block: Float64Array;
  private readonly weighted = new Float64Array(BLOCK);
  private readonly residuals = new Float64Array(BLOCK);
  private readonly variances = new Float64Array(BLOCK);

  constructor(
    private readonly design: Design,
    private readonly labels: Uint8Array,
    private readonly range: RowRange,
    private readonly l2: number,
  ) {
    this.width = design.width;
    this.curvature = new Float64Array(this.width * this.width);
    this.gradient = new Float64Array(this.width);
    this.block = new Float64Array(this.width * BLOCK);
  }

  /** No feature counts; the intercept is the logit of the share of positives. */
  start(): Float64Array {
    const weights = new Float64Array(this.width);
    let positives = 0.5;
    for (let row = this.range.start; row < this.range.end; row += 1) positives += this.labels[row] as number;
    const negatives = this.range.end - this.range.start + 1 - positives;
    weights[this.width - 1] = Math.log(positives / negatives);
    return weights;
  }

  /** Sums up the rows at some weights. @returns the penalised loss */
  assemble(weights: Float64Array): number {
    this.curvature.fill(0);
    this.gradient.fill(0);
    let loss = 0;
    for (let first = this.range.start; first < this.range.end; first += BLOCK) {
      const count = Math.min(BLOCK, this.range.end - first);
      this.design.fill(this.block, first, count);
      loss += this.weigh(weights, first, count);
      this.addBlock(count);
    }
    for (let column = 0; column < this.width - 1; column += 1) {
      const weight = weights[column] as number;
      loss += (this.l2 / 2) * weight * weight;
      (this.gradient[column] as number) -= this.l2 * weight;
      (this.curvature[column * this.width + column] as number) += this.l2;
    }
    return loss;
  }

  /** The step to the minimum of the quadratic approximation. It uses the sums up. */
  direction(): Float64Array {
    const step = Float64Array.from(this.gradient);
    solveSymmetric(this.curvature, step);
    return step;
  }

  /** Residuals and variances of a block. @returns its loss */
  private weigh(weights: Float64Array, first: number, count: number): number {
    const { block, residuals, variances } = this;
    residuals.fill(0);
    for (let column = 0; column < this.width; column += 1) {
      const weight = weights[column] as number;
      const at = column * BLOCK;
      for (let row = 0; row < count; row += 1) {
        (residuals[row] as number) += weight * (block[at + row] as number);
      }
    }
    let loss = 0;
    for (let row = 0; row < count; row += 1) {
      const logit = residuals[row] as number;
      const label = this.labels[first + row] as number;
      const probability = probabilityOf(logit);
      loss += lossOf(logit, label);
      residuals[row] = label - probability;
      variances[row] = probability * (1 - probability);
    }
    return loss;
  }

  private addBlock(count: number): void {
    const { block, width, weighted, residuals, variances, curvature } = this;
    for (let column = 0; column < width; column += 1) {
      const at = column * BLOCK;
      let slope = 0;
      for (let row = 0; row < count; row += 1) {
        const value = block[at + row] as number;
        slope += value * (residuals[row] as number);
        weighted[row] = value * (variances[row] as number);
      }
      (this.gradient[column] as number) += slope;
      addProducts(weighted, block, count, curvature.subarray(column * width, column * width + column + 1));
    }
  }
}

/**
 * Adds the dot products of `weighted` with each of the first columns of the block. Four columns are taken at once: each
 * weight is then read once for four products, and no sum waits for its last addition.
 */
function addProducts(weighted: Float64Array, block: Float64Array, count: number, into: Float64Array): void {
  let column = 0;
  for (; column + 3 < into.length; column += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    const at = column * BLOCK;
    for (let row = 0; row < count; row += 1) {
      const weight = weighted[row] as number;
      s0 += weight * (block[at + row] as number);
      s1 += weight * (block[at + BLOCK + row] as number);
      s2 += weight * (block[at + 2 * BLOCK + row] as number);
      s3 += weight * (block[at + 3 * BLOCK + row] as number);
    }
    (into[column] as number) += s0;
    (into[column + 1] as number) += s1;
    (into[column + 2] as number) += s2;
    (into[column + 3] as number) += s3;
  }
  for (; column < into.length; column += 1) {
    let sum = 0;
    const at = column * BLOCK;
    for (let row = 0; row < count; row += 1) sum += (weighted[row] as number) * (block[at + row] as number);
    (into[column] as number) += sum;
  }
}

import { bestSplit, LEAF_PENALTY, type Slopes, type Split } from './best-split.js';
import { BINS } from './bins.js';
import type { Tree } from './tree.js';

/** Levels of questions. The explanation of a tree keeps a table of 2^(2^DEPTH − 1) patterns at most. */
const DEPTH = 3;

/** The rows that trees are grown on, in codes. */
export interface CodedRows {
  /** `codes[feature * rows + row]` */
  codes: Uint8Array;
  rows: number;
  edges: readonly Float64Array[];
}

/** The rows of one tree with the derivatives of their loss. A node is a range of them; growing sorts them by node. */
export interface Sample {
  size: number;
  row: Int32Array;
  gradient: Float64Array;
  curvature: Float64Array;
}

/** Grows one tree after the other on samples of the same rows. */
export class TreeGrower {
  private readonly features: number;
  private readonly codeCounts: number[];
  private readonly scratch: Sample;
  /** Histograms for the next nodes. */
  private readonly spare: Float64Array[] = [];
  private tree: Tree;

  constructor(
    private readonly coded: CodedRows,
    private readonly sample: Sample,
    private readonly learningRate: number,
  ) {
    this.features = coded.edges.length;
    this.codeCounts = coded.edges.map((edges) => edges.length + 1);
    this.scratch = emptySample(sample.row.length);
  }

  /** The tree that lowers the loss of the present sample most. */
  grow(): Tree {
    this.tree = { feature: [], threshold: [], missingLeft: [], left: [], right: [], value: [], cover: [] };
    const { size, gradient, curvature } = this.sample;
    const total = { gradient: 0, curvature: 0 };
    for (let at = 0; at < size; at += 1) {
      total.gradient += gradient[at] as number;
      total.curvature += curvature[at] as number;
    }
    this.growNode(0, size, total, this.histogramOf(0, size), DEPTH);
    return this.tree;
  }

  /** @returns the number of the node */
  private growNode(
    start: number,
    end: number,
    total: Slopes,
    histogram: Float64Array | null,
    levels: number,
  ): number {
    const split = histogram && bestSplit(histogram, this.codeCounts, total);
    const node = this.addNode(end - start, total, split);
    if (!split) {
      if (histogram) this.spare.push(histogram);
      return node;
    }
    const middle = this.partition(start, end, split);
    const [left, right] = this.histogramsOf(histogram, start, middle, end, levels - 1);
    this.tree.left[node] = this.growNode(start, middle, split.left, left, levels - 1);
    this.tree.right[node] = this.growNode(middle, end, split.right, right, levels - 1);
    return node;
  }

  private addNode(cover: number, total: Slopes, split: Split | null): number {
    const { tree } = this;
    const value = (-this.learningRate * total.gradient) / (total.curvature + LEAF_PENALTY);
    tree.cover.push(cover);
    tree.feature.push(split ? split.feature : -1);
    tree.threshold.push(split ? this.thresholdOf(split) : 0);
    tree.missingLeft.push(split?.missingLeft ? 1 : 0);
    tree.value.push(split ? 0 : value);
    tree.left.push(-1);
    return tree.right.push(-1) - 1;
  }

  /** Beyond the last edge lie the highest values, and right of them only missing ones. */
  private thresholdOf({ feature, lastLeft }: Split): number {
    return this.coded.edges[feature]?.[lastLeft - 1] ?? Number.MAX_VALUE;
  }

  /** The histograms of two children: the smaller one is counted, the larger one is the rest. None for leaves. */
  private histogramsOf(
    parent: Float64Array,
    start: number,
    middle: number,
    end: number,
    levels: number,
  ): [Float64Array | null, Float64Array | null] {
    if (levels === 0) {
      this.spare.push(parent);
      return [null, null];
    }
    const isLeftSmaller = middle - start <= end - middle;
    const smaller = isLeftSmaller ? this.histogramOf(start, middle) : this.histogramOf(middle, end);
    for (let at = 0; at < parent.length; at += 1) (parent[at] as number) -= smaller[at] as number;
    return isLeftSmaller ? [smaller, parent] : [parent, smaller];
  }

  private histogramOf(start: number, end: number): Float64Array {
    const histogram = this.spare.pop()?.fill(0) ?? new Float64Array(2 * BINS * this.features);
    const { codes, rows } = this.coded;
    const { row, gradient, curvature } = this.sample;
    for (let feature = 0; feature < this.features; feature += 1) {
      const from = feature * rows;
      const to = 2 * BINS * feature;
      for (let at = start; at < end; at += 1) {
        const slot = to + 2 * (codes[from + (row[at] as number)] as number);
        (histogram[slot] as number) += gradient[at] as number;
        (histogram[slot + 1] as number) += curvature[at] as number;
      }
    }
    return histogram;
  }

  /** Moves the rows that go left before the others. @returns where the others begin */
  private partition(start: number, end: number, { feature, lastLeft, missingLeft }: Split): number {
    const { codes, rows } = this.coded;
    const firstLeft = missingLeft ? 0 : 1;
    let [left, right] = [start, 0];
    for (let at = start; at < end; at += 1) {
      const code = codes[feature * rows + (this.sample.row[at] as number)] as number;
      const isLeft = code >= firstLeft && code <= lastLeft;
      if (isLeft) copyRow(this.sample, at, this.sample, left++);
      else copyRow(this.sample, at, this.scratch, right++);
    }
    for (let at = 0; at < right; at += 1) copyRow(this.scratch, at, this.sample, left + at);
    return left;
  }
}

/** Room for a sample of up to `room` rows. */
export function emptySample(room: number): Sample {
  return {
    size: 0,
    row: new Int32Array(room),
    gradient: new Float64Array(room),
    curvature: new Float64Array(room),
  };
}

function copyRow(from: Sample, at: number, to: Sample, place: number): void {
  to.row[place] = from.row[at] as number;
  to.gradient[place] = from.gradient[at] as number;
  to.curvature[place] = from.curvature[at] as number;
}

import type { Columns, RowRange } from '../rows/columns.js';

/** A regression tree as flat arrays over its nodes; node 0 is the root. */
export interface Tree {
  /** The feature that a node asks about; −1 for a leaf. */
  feature: number[];
  /** A row with value ≤ threshold goes left. */
  threshold: number[];
  /** 1 if a row whose value is missing goes left. */
  missingLeft: number[];
  left: number[];
  right: number[];
  /** The logit that a leaf adds; 0 for other nodes. */
  value: number[];
  /** The number of training rows that reached the node. */
  cover: number[];
}

/** Boosted trees: the logit of a row is `intercept` plus the value of its leaf in each tree. */
export interface Forest {
  intercept: number;
  trees: Tree[];
}

/** Whether a row with this value goes left at a node. */
export function goesLeft(tree: Tree, node: number, value: number): boolean {
  return Number.isFinite(value) ? value <= (tree.threshold[node] as number) : tree.missingLeft[node] === 1;
}

/** Adds the values of a tree to a range of rows, `into[row - range.start]`. */
export function addTree(tree: Tree, { values, rows }: Columns, range: RowRange, into: Float64Array): void {
  const feature = Int32Array.from(tree.feature);
  const threshold = Float64Array.from(tree.threshold);
  const value = Float64Array.from(tree.value);
  const children = Int32Array.from(tree.left.flatMap((left, node) => [left, tree.right[node] as number]));
  for (let row = range.start; row < range.end; row += 1) {
    let node = 0;
    for (let asked = feature[0] as number; asked >= 0; asked = feature[node] as number) {
      const x = values[asked * rows + row] as number;
      let side = x <= (threshold[node] as number) ? 0 : 1;
      if (!Number.isFinite(x)) side = tree.missingLeft[node] === 1 ? 0 : 1;
      node = children[2 * node + side] as number;
    }
    (into[row - range.start] as number) += value[node] as number;
  }
}

/** Writes the logits of a range of rows, `into[row - range.start]`. */
export function forestLogits(forest: Forest, columns: Columns, range: RowRange, into: Float64Array): void {
  into.fill(forest.intercept);
  for (const tree of forest.trees) addTree(tree, columns, range, into);
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goesLeft, type Tree } from './tree.js';
import { expectationOf, TreeExplainer } from './tree-shap.js';

const FEATURES = 4;

interface Branch {
  feature: number;
  threshold: number;
  missingLeft: number;
  children: [Shape, Shape];
}
type Shape = { value: number; rows: number } | Branch;

const leaf = fc.record({
  value: fc.double({ min: -3, max: 3, noNaN: true }),
  rows: fc.integer({ min: 1, max: 50 }),
});
const { tree: shapes } = fc.letrec<{ tree: Shape }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'large', withCrossShrink: true },
    leaf,
    fc.record({
      feature: fc.nat(FEATURES - 1),
      threshold: fc.integer({ min: -2, max: 2 }),
      missingLeft: fc.constantFrom(0, 1),
      children: fc.tuple(tie('tree'), tie('tree')),
    }),
  ),
}));
const rowsOf = fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant(Number.NaN)), {
  minLength: FEATURES,
  maxLength: FEATURES,
});

function treeFrom(shape: Shape): Tree {
  const tree: Tree = {
    feature: [],
    threshold: [],
    missingLeft: [],
    left: [],
    right: [],
    value: [],
    cover: [],
  };
  const add = (node: Shape): number => {
    const isLeaf = 'value' in node;
    const at = tree.feature.push(isLeaf ? -1 : node.feature) - 1;
    tree.threshold.push(isLeaf ? 0 : node.threshold);
    tree.missingLeft.push(isLeaf ? 0 : node.missingLeft);
    tree.value.push(isLeaf ? node.value : 0);
    tree.cover.push(isLeaf ? node.rows : 0);
    tree.left.push(-1);
    tree.right.push(-1);
    if (isLeaf) return at;
    const [left, right] = node.children.map(add) as [number, number];
    [tree.left[at], tree.right[at]] = [left, right];
    tree.cover[at] = (tree.cover[left] ?? 0) + (tree.cover[right] ?? 0);
    return at;
  };
  add(shape);
  return tree;
}

/** The value of a row of which only some features are known: others send it both ways. */
function expectation(tree: Tree, row: readonly number[], known: ReadonlySet<number>, node = 0): number {
  const feature = tree.feature[node] as number;
  if (feature < 0) return tree.value[node] as number;
  const [left, right] = [tree.left[node] as number, tree.right[node] as number];
  const go = (to: number) => expectation(tree, row, known, to);
  if (known.has(feature)) return go(goesLeft(tree, node, row[feature] as number) ? left : right);
  const share = (to: number) => (tree.cover[to] as number) / (tree.cover[node] as number);
  return share(left) * go(left) + share(right) * go(right);
}

/** The mean of what a feature adds over all orders in which the features become known. */
function bruteForce(tree: Tree, row: readonly number[]): number[] {
  const sums = row.map(() => 0);
  const orders = permutationsOf(row.map((_, feature) => feature));
  for (const order of orders) {
    order.forEach((feature, place) => {
      const before = new Set(order.slice(0, place));
      const after = new Set(order.slice(0, place + 1));
      (sums[feature] as number) += expectation(tree, row, after) - expectation(tree, row, before);
    });
  }
  return sums.map((sum) => sum / orders.length);
}

function permutationsOf(values: readonly number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value) => {
    return permutationsOf(values.filter((other) => other !== value)).map((rest) => [value, ...rest]);
  });
}

describe('the explanation of a tree', () => {
  it('has the Shapley values of the path-dependent expectation', () => {
    fc.assert(
      fc.property(shapes.map(treeFrom), fc.array(rowsOf, { minLength: 1, maxLength: 4 }), (tree, rows) => {
        const explainer = new TreeExplainer(tree);
        for (const row of rows) {
          const all = row.map(() => 0);
          explainer.contributions(row).forEach((contribution, at) => {
            all[explainer.features[at] as number] = contribution;
          });
          const expected = bruteForce(tree, row);
          all.forEach((contribution, feature) =>
            expect(contribution).toBeCloseTo(expected[feature] ?? 0, 10),
          );
          const total = all.reduce((sum, contribution) => sum + contribution, expectationOf(tree));
          expect(total).toBeCloseTo(expectation(tree, row, new Set(row.keys())), 10);
        }
      }),
      { numRuns: 200 },
    );
  });
});

import { goesLeft, type Tree } from './tree.js';

/** What a tree contributes to the logit of a row: its value is its expectation plus all contributions. */
export interface TreeContributions {
  /** The features that the tree asks about, ascending. */
  features: number[];
  /** One of each of these features. */
  contributions: Float64Array;
}

/** A feature's questions on the way to a leaf. */
interface Link {
  feature: number;
  /** Whether the row answers all of them so that it gets there. */
  passes: number;
  /** The share of rows that get there if the feature is not known. */
  share: number;
}

/** The mean of a tree's value over its training rows. */
export function expectationOf(tree: Tree): number {
  const total = tree.cover[0] as number;
  return tree.value.reduce((sum, value, node) => sum + (value * (tree.cover[node] as number)) / total, 0);
}

/** The features that a tree asks about, ascending. */
export function featuresOf(tree: Tree): number[] {
  return [...new Set(tree.feature.filter((feature) => feature >= 0))].toSorted((a, b) => a - b);
}

/**
 * The Shapley values of a row, where a feature that is not known sends a row both ways in proportion to the
 * training rows (path-dependent TreeSHAP; Lundberg, Erion and Lee 2018).
 * @param isLeft whether the row goes left at a node
 */
export function shapleyValues(tree: Tree, isLeft: (node: number) => boolean): Map<number, number> {
  const sums = new Map<number, number>();
  const visit = (node: number, links: readonly Link[]): void => {
    const feature = tree.feature[node] as number;
    if (feature < 0) return addLeaf(sums, tree.value[node] as number, links);
    const cover = tree.cover[node] as number;
    const [left, right] = [tree.left[node] as number, tree.right[node] as number];
    const goes = isLeft(node);
    visit(
      left,
      linked(links, { feature, passes: goes ? 1 : 0, share: (tree.cover[left] as number) / cover }),
    );
    visit(
      right,
      linked(links, { feature, passes: goes ? 0 : 1, share: (tree.cover[right] as number) / cover }),
    );
  };
  visit(0, []);
  return sums;
}

/** The way with one more question; questions about one feature are one link. */
function linked(links: readonly Link[], link: Link): Link[] {
  const earlier = links.find(({ feature }) => feature === link.feature);
  if (!earlier) return [...links, link];
  const { feature, passes, share } = earlier;
  const joint = { feature, passes: passes * link.passes, share: share * link.share };
  return links.map((other) => (other === earlier ? joint : other));
}

/**
 * Adds what a leaf contributes: the expectation of reaching it is a product over the links, so its Shapley value
 * is a sum over the number of known features.
 */
function addLeaf(sums: Map<number, number>, value: number, links: readonly Link[]): void {
  for (const link of links) {
    const others = links.filter((other) => other !== link);
    const bySize = productsBySize(others);
    const weighted = bySize.reduce((sum, product, size) => sum + product * weightOf(size, links.length), 0);
    const contribution = value * (link.passes - link.share) * weighted;
    sums.set(link.feature, (sums.get(link.feature) ?? 0) + contribution);
  }
}

/** For each number of known features: the sum over all choices of them of the probability to pass all links. */
function productsBySize(links: readonly Link[]): number[] {
  let products = [1];
  for (const { passes, share } of links) {
    products = Array.from({ length: products.length + 1 }, (_, size) => {
      return (products[size] ?? 0) * share + (products[size - 1] ?? 0) * passes;
    });
  }
  return products;
}

/** The share of orders of `count` features in which `size` given ones come first, then a given one: 1 / (count · C(count − 1, size)). */
function weightOf(size: number, count: number): number {
  let weight = 1 / count;
  for (let k = 1; k <= size; k += 1) weight *= k / (count - k);
  return weight;
}

/**
 * Explains rows by one tree. Contributions depend only on the answers to the tree's questions, so they are computed
 * once for each pattern of answers, and a row costs a look into a table.
 */
export class TreeExplainer {
  readonly features: number[];
  /** The nodes that ask, each with its feature and threshold. */
  private readonly asking: Int32Array;
  private readonly asked: Int32Array;
  private readonly thresholds: Float64Array;
  private readonly known: (Float64Array | undefined)[] = [];

  constructor(private readonly tree: Tree) {
    this.features = featuresOf(tree);
    this.asking = Int32Array.from(
      [...tree.feature.keys()].filter((node) => (tree.feature[node] as number) >= 0),
    );
    this.asked = this.asking.map((node) => tree.feature[node] as number);
    this.thresholds = Float64Array.from(this.asking, (node) => tree.threshold[node] as number);
  }

  /** The contributions of `features` to a row's logit. */
  contributions(row: ArrayLike<number>): Float64Array {
    let pattern = 0;
    for (let at = 0; at < this.asked.length; at += 1) {
      const value = row[this.asked[at] as number] as number;
      let answer = value <= (this.thresholds[at] as number) ? 1 : 0;
      if (!Number.isFinite(value)) answer = this.tree.missingLeft[this.asking[at] as number] as number;
      pattern = 2 * pattern + answer;
    }
    return this.known[pattern] ?? this.learn(pattern, row);
  }

  private learn(pattern: number, row: ArrayLike<number>): Float64Array {
    const isLeft = (node: number) =>
      goesLeft(this.tree, node, row[this.tree.feature[node] as number] as number);
    const values = shapleyValues(this.tree, isLeft);
    const contributions = Float64Array.from(this.features, (feature) => values.get(feature) ?? 0);
    this.known[pattern] = contributions;
    return contributions;
  }
}

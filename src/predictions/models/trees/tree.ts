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

/** Shares of values below, at and between edges, and of missing ones. */
export interface Distribution {
  /** Distinct deciles, ascending. */
  edges: number[];
  /** Below the first edge, at the first edge, up to each further edge, above the last edge, missing. */
  shares: number[];
}

/** How sure a lift is. */
export interface Significance {
  interval: [lower: number, upper: number];
  /** The smallest α whose interval does not contain 0. */
  p: number;
}

/** Knots of a monotone map from logits to probabilities: linear between them, constant outside. */
export interface Calibration {
  logits: number[];
  probabilities: number[];
}

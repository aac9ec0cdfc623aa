/** What is predicted of a customer: that it activates, that it pays, that it churns. */
export const PREDICTION_TARGETS = ['activates', 'pays', 'churns'] as const;

export type PredictionTarget = (typeof PREDICTION_TARGETS)[number];

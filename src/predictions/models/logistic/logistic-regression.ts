/** A logistic regression over standardised features. */
export interface LogisticFit {
  intercept: number;
  /** One term for each feature. */
  terms: LogisticTerm[];
}

/** The term of a feature: coefficient · (x − mean) / scale, and if x is missing: whenMissing. */
export interface LogisticTerm {
  mean: number;
  scale: number;
  coefficient: number;
  whenMissing: number;
  whenPresent: number;
}

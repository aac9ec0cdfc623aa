import type { Calibration } from './calibration/isotonic.js';
import type { LogisticFit } from './logistic/logistic-regression.js';
import type { Interval } from './quality/auc.js';
import type { Distribution } from './quality/stability.js';
import type { Forest } from './trees/tree.js';

export type ModelKind = 'base_rate' | 'logistic' | 'trees';

/** What scores rows. */
export type Fitted =
  | { kind: 'base_rate'; baseRate: number }
  | { kind: 'logistic'; logistic: LogisticFit }
  | { kind: 'trees'; forest: Forest };

interface Described {
  featureNames: string[];
  /** The shrunken share of positives before the test: the score of every row if `kind` is `base_rate`. */
  baseRate: number;
  /** Maps the logit of the model to a probability; monotone, so that it keeps the order of scores. */
  calibration: Calibration;
  card: ModelCard;
}

/** A model as JSON. It holds statistics of many rows and no row, so nothing in it is personal. */
export type TrainedModel = Fitted & Described;

export const MODEL_STATUSES = [
  'published',
  'not_enough_data',
  'no_better_than_base_rate',
  'badly_calibrated',
] as const;

export type ModelStatus = (typeof MODEL_STATUSES)[number];

/** What a model was trained on, how well it does on later rows, and why it is (not) published. */
export interface ModelCard {
  status: ModelStatus;
  /** Why the model is not published, in words; null if it is. */
  reason: string | null;
  windowDays: number;
  rows: number;
  positives: number;
  /** The parts in time; rows within one window before the next part belong to none. */
  train: PartOfTime;
  validation: PartOfTime;
  test: PartOfTime;
  /** What a part lacks; empty if there is enough. */
  missing: Shortfall[];
  /** Which kind of model was chosen on the validation rows; null without enough data. */
  chosen: Choice | null;
  /** All following figures are of the test rows, and null without enough data. */
  auc: Interval | null;
  brier: number | null;
  /** Brier score of the base rate, the same for all rows. */
  baseBrier: number | null;
  /** 1 − brier / baseBrier. */
  brierSkill: number | null;
  logLoss: number | null;
  /** Expected calibration error over tenths of the rows by score. */
  ece: number | null;
  /** The error that chance alone would show with these rows if the scores were the true probabilities. */
  eceByChance: number | null;
  /** The share of positives in each tenth of the rows, highest scores first, divided by the share in all; or []. */
  liftByDecile: number[];
  /** The training rows' features and the test rows' scores, to measure drift against. Empty without a model. */
  featureStatistics: FeatureStatistics[];
  scoreStatistics: Distribution | null;
}

export interface PartOfTime {
  /** t0 of the first and the last row, ISO 8601; null if the part is empty. */
  from: string | null;
  to: string | null;
  rows: number;
  positives: number;
}

export interface Shortfall {
  part: 'train' | 'validation' | 'test';
  label: 'positives' | 'negatives';
  /** The customers that there are with such a row. */
  customers: number;
  needed: number;
}

export interface Choice {
  kind: 'logistic' | 'trees';
  why: string;
  /** Log loss on the validation rows, before calibration. */
  logisticLogLoss: number;
  treesLogLoss: number;
  /** Standard error of the difference of the two. */
  standardError: number;
}

export interface FeatureStatistics extends Distribution {
  feature: string;
}

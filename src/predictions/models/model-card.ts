import { areaUnderCurve } from './quality/auc.js';
import { meanAndError } from './quality/mean-and-error.js';
import {
  brierScore,
  calibrationError,
  calibrationErrorByChance,
  liftByDecile,
  logLoss,
} from './quality/probability-scores.js';
import { distributionOf } from './quality/stability.js';
import type { Parts } from './split-by-time.js';
import { describePart } from './sufficiency.js';
import type { Choice, FeatureStatistics, ModelCard } from './trained-model.js';
import type { TrainingSet } from './training-set.js';

/** What a model gives for the test rows. */
interface TestResult {
  logits: Float64Array;
  scores: Float64Array;
  /** The share of positives that was known when the test rows began. */
  baseRate: number;
}

/** The card of a base rate that stands in for a model. */
export function cardWithoutModel(set: TrainingSet, parts: Parts): ModelCard {
  return {
    status: 'not_enough_data',
    reason: 'not enough data',
    windowDays: set.windowDays,
    rows: set.rows,
    positives: set.labels.reduce((sum, label) => sum + label, 0),
    train: describePart(set, parts.train),
    validation: describePart(set, parts.validation),
    test: describePart(set, parts.test),
    missing: [],
    chosen: null,
    auc: null,
    brier: null,
    baseBrier: null,
    brierSkill: null,
    logLoss: null,
    ece: null,
    eceByChance: null,
    liftByDecile: [],
    featureStatistics: [],
    scoreStatistics: null,
  };
}

/**
 * Judges a model by the test rows. It is published if its Brier score is lower than that of the base rate by more than
 * one standard error. Of models of chance 5 % are published so, and 26 % without the margin (measured).
 */
export function judgeModel(set: TrainingSet, parts: Parts, chosen: Choice, result: TestResult): ModelCard {
  const { logits, scores, baseRate } = result;
  const labels = set.labels.subarray(parts.test.start, parts.test.end);
  const brier = brierScore(scores, labels);
  const baseBrier = brierScore(new Float64Array(labels.length).fill(baseRate), labels);
  const customers = set.customers.subarray(parts.test.start, parts.test.end);
  const isBetter = beatsBaseRate({ scores, labels, customers }, baseRate);
  return {
    ...cardWithoutModel(set, parts),
    status: isBetter ? 'published' : 'no_better_than_base_rate',
    reason: isBetter ? null : 'the Brier score is not lower than that of the base rate by one standard error',
    chosen,
    // Ranks are those of the logits: calibration keeps the order, but makes some neighbours equal.
    auc: areaUnderCurve(logits, labels, customers),
    liftByDecile: liftByDecile(logits, labels),
    brier,
    baseBrier,
    brierSkill: 1 - brier / baseBrier,
    logLoss: logLoss(scores, labels),
    ece: calibrationError(scores, labels),
    eceByChance: calibrationErrorByChance(scores),
    featureStatistics: isBetter ? featureStatisticsOf(set, parts) : [],
    scoreStatistics: isBetter ? distributionOf(scores) : null,
  };
}

interface ScoredRows {
  scores: Float64Array;
  labels: Uint8Array;
  customers: Uint32Array;
}

function beatsBaseRate({ scores, labels, customers }: ScoredRows, baseRate: number): boolean {
  const gains = scores.map((score, row) => {
    const label = labels[row] as number;
    return (baseRate - label) ** 2 - (score - label) ** 2;
  });
  const { mean, standardError } = meanAndError(gains, customers);
  return mean > standardError;
}

function featureStatisticsOf(
  { featureNames, values, rows }: TrainingSet,
  { train }: Parts,
): FeatureStatistics[] {
  return featureNames.map((feature, index) => {
    const ofFeature = values.subarray(index * rows + train.start, index * rows + train.end);
    return { feature, ...distributionOf(ofFeature) };
  });
}

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

/** A score of a published model means about what it says. */
const CALIBRATION_ERROR_MAX = 0.03;

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
 * one standard error, and if its calibration error is not above 0.03, or what chance gives with few rows. Of models of
 * chance 5 % have such a Brier score, and 26 % a lower one without the margin (measured).
 */
export function judgeModel(set: TrainingSet, parts: Parts, chosen: Choice, result: TestResult): ModelCard {
  const { logits, scores, baseRate } = result;
  const labels = set.labels.subarray(parts.test.start, parts.test.end);
  const customers = set.customers.subarray(parts.test.start, parts.test.end);
  const brier = brierScore(scores, labels);
  const baseBrier = brierScore(new Float64Array(labels.length).fill(baseRate), labels);
  const ece = calibrationError(scores, labels);
  const byChance = calibrationErrorByChance(scores, customers);
  const isBetter = beatsBaseRate({ scores, labels, customers }, baseRate);
  const limit = byChance.high * noiseOfCalibration(parts);
  const isCalibrated = ece <= Math.max(CALIBRATION_ERROR_MAX, limit);
  const status = !isBetter ? 'no_better_than_base_rate' : isCalibrated ? 'published' : 'badly_calibrated';
  const isPublished = status === 'published';
  return {
    ...cardWithoutModel(set, parts),
    status,
    reason: REASONS[status],
    chosen,
    // Ranks are those of the logits: calibration keeps the order, but makes some neighbours equal.
    auc: areaUnderCurve(logits, labels, customers),
    liftByDecile: liftByDecile(logits, labels),
    brier,
    baseBrier,
    brierSkill: 1 - brier / baseBrier,
    logLoss: logLoss(scores, labels),
    ece,
    eceByChance: byChance.mean,
    featureStatistics: isPublished ? featureStatisticsOf(set, parts) : [],
    scoreStatistics: isPublished ? distributionOf(scores) : null,
  };
}

/** The calibration is that of a sample as well, so chance makes a greater error than with true probabilities. */
function noiseOfCalibration({ validation, test }: Parts): number {
  return Math.sqrt(1 + (test.end - test.start) / (validation.end - validation.start));
}

const REASONS = {
  published: null,
  no_better_than_base_rate: 'the Brier score is not lower than that of the base rate by one standard error',
  badly_calibrated: 'the calibration error is above 0.03 and above what chance gives',
};

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

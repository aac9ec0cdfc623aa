import { ApiProperty } from '@nestjs/swagger';
import { Type as Transform } from 'class-transformer';
import { IsNumber, IsOptional, Matches, Max, Min } from 'class-validator';
import { PREDICTION_TARGETS, type PredictionTarget } from '../../events/prediction-targets.js';
import { LimitQuery } from '../../platform/http/page.dto.js';
import { MODEL_STATUSES, type ModelKind, type ModelStatus } from '../models/trained-model.js';

/** Customers that a part of the training data lacks: with rows that came true, or that did not. */
export class ShortfallDto {
  @ApiProperty({ enum: ['train', 'validation', 'test'] })
  part: 'train' | 'validation' | 'test';
  @ApiProperty({ enum: ['positives', 'negatives'] })
  label: 'positives' | 'negatives';
  /** The different customers that there are with such a row. */
  customers: number;
  /** The customers that are needed. */
  needed: number;
}

/** A training, in short. */
export class ModelVersionDto {
  /** 1 for the first of the target. */
  version: number;
  /** Only a published model scores customers. `not_enough_data` is no error: `missing` says what is lacking. */
  @ApiProperty({ enum: MODEL_STATUSES })
  status: ModelStatus;
  @ApiProperty({ enum: ['base_rate', 'logistic', 'trees'] })
  kind: ModelKind;
  trainedAt: Date;
  /** The name of the key that asked for it; null for the nightly training. */
  trainedBy: string | null;
  /** Why it is not published, in words. */
  reason: string | null;
  /** The share of rows that came true, shrunken by one row of each kind: without rows it is one half. */
  baseRate: number;
  missing: ShortfallDto[];
}

/** A target with its state. */
export class PredictionDto {
  @ApiProperty({ enum: PREDICTION_TARGETS })
  target: PredictionTarget;
  /** “churns within 30 days” */
  title: string;
  windowDays: number;
  /**
   * `serving`: a published model scores customers, perhaps an older one than the newest training. Otherwise the
   * outcome of the newest training; `not_trained` before the first one.
   */
  @ApiProperty({ enum: ['serving', 'not_trained', ...MODEL_STATUSES.filter((one) => one !== 'published')] })
  status: 'serving' | Exclude<ModelStatus, 'published'> | 'not_trained';
  /** The version of the model that serves. */
  servingVersion: number | null;
  /** The newest training. */
  @ApiProperty({ type: ModelVersionDto, nullable: true })
  newest: ModelVersionDto | null;
  /** When a training last ended. */
  trainedAt: Date | null;
  /** Changes up to this time are in the scores. */
  scoredAt: Date | null;
  /** Customers with a score. */
  customers: number;
}

/** A part of the training data in time. */
export class PartOfTimeDto {
  from: string | null;
  to: string | null;
  rows: number;
  positives: number;
}

export class IntervalDto {
  value: number;
  low: number;
  high: number;
}

/** Which kind of model was chosen, and why. */
export class ChoiceDto {
  @ApiProperty({ enum: ['logistic', 'trees'] })
  kind: 'logistic' | 'trees';
  why: string;
  /** Of the validation rows, before calibration. */
  logisticLogLoss: number;
  treesLogLoss: number;
  /** Of the difference of the two. */
  standardError: number;
}

/** What a model learned from, and how well it does on later rows. Figures are null without enough data. */
export class ModelCardDto {
  @ApiProperty({ enum: MODEL_STATUSES })
  status: ModelStatus;
  reason: string | null;
  windowDays: number;
  /** All rows: customers at moments in the past whose windows closed three days ago or earlier. */
  rows: number;
  positives: number;
  /** The share of rows that came true, shrunken by one row of each kind: without rows it is one half. */
  baseRate: number;
  /** About so many rows are read at most. */
  rowsMax: number;
  /** The share of the customers whose moments were read: all unless that would be more rows. */
  customerShare: number;
  /** Older moments are not read. */
  historyDays: number;
  /** The parts follow one another in time, with a gap of one window between them. */
  train: PartOfTimeDto;
  validation: PartOfTimeDto;
  test: PartOfTimeDto;
  missing: ShortfallDto[];
  @ApiProperty({ type: ChoiceDto, nullable: true })
  chosen: ChoiceDto | null;
  /** The area under the ROC curve of the test rows, with its interval of 95 %. */
  @ApiProperty({ type: IntervalDto, nullable: true })
  auc: IntervalDto | null;
  brier: number | null;
  /** The Brier score of the base rate, the same for all rows. */
  baseBrier: number | null;
  /** 1 − brier / baseBrier. */
  brierSkill: number | null;
  logLoss: number | null;
  /** The expected calibration error. Above 0.03, and above what chance gives, a model is not published. */
  ece: number | null;
  /** What the calibration error is on average by chance alone. */
  eceByChance: number | null;
  /** The share of positives in each tenth of the test rows, highest scores first, divided by the share in all. */
  liftByDecile: number[];
  /** The features that the model uses. */
  features: string[];
}

/** Noted scores of one range, with what happened. */
export class RealisedBinDto {
  /** Scores from this one on, and below the next bin's. */
  from: number;
  customers: number;
  meanScore: number;
  /** The share of customers for which it came true. */
  rate: number;
}

/** Outcomes of a group of customers. */
export class OutcomeRateDto {
  customers: number;
  /** Null without customers. */
  meanScore: number | null;
  rate: number | null;
}

/** How the scores of some models compare with what happened. */
export class RealisedCalibrationDto {
  /** Noted scores with an outcome. */
  settled: number;
  /** Noted scores whose windows are open, or closed less than three days ago: late events may still arrive. */
  open: number;
  /** Null without settled scores. */
  brier: number | null;
  /** The expected calibration error over the bins. */
  ece: number | null;
  bins: RealisedBinDto[];
}

/** How the noted scores compare with what happened. */
export class RealisedDto {
  /** Of the model that serves. It has settled scores once it has served for longer than its window. */
  serving: RealisedCalibrationDto;
  /** Of all earlier models. */
  earlier: RealisedCalibrationDto;
  /** Customers kept out of interventions. A score says who will act, not which of them an intervention changes. */
  heldOut: OutcomeRateDto;
  /** All other customers. */
  others: OutcomeRateDto;
}

export class FeatureDriftDto {
  feature: string;
  /** The population stability index. Above 0.2 the feature has drifted. */
  psi: number;
}

/** How far the customers of the last scoring differ from those of the training. */
export class DriftDto {
  measuredAt: string;
  /** The customers that were compared, at most about 5,000. */
  rows: number;
  /** The greatest index; null with fewer than 500 customers, because chance moves the index then. */
  psiMax: number | null;
  features: FeatureDriftDto[];
}

/** A target with its model and how it fares. */
export class PredictionDetailDto extends PredictionDto {
  /** Of the model that serves, else of the newest training; null before the first one. */
  @ApiProperty({ type: ModelCardDto, nullable: true })
  card: ModelCardDto | null;
  @ApiProperty({ type: DriftDto, nullable: true })
  drift: DriftDto | null;
  realised: RealisedDto;
  /** The last 30 trainings, newest first. */
  versions: ModelVersionDto[];
}

/** A training was added to the queue of jobs. */
export class TrainingRequestedDto {
  @ApiProperty({ enum: PREDICTION_TARGETS })
  target: PredictionTarget;
}

/** The scores to list. */
export class ScoresQuery extends LimitQuery {
  /** Only scores of at least this, from 0 to 1. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  @Transform(() => Number)
  min: number = 0;

  /** The `nextCursor` of the previous page. */
  @IsOptional()
  @Matches(/^(0|1|0\.\d{1,25}|\d(\.\d{1,20})?e-\d{1,3})_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, {
    message: 'cursor must be the nextCursor of a page',
  })
  cursor?: string;
}

export class ScoredCustomerDto {
  customerId: string;
  stripeCustomerId: string;
  /** A probability, from 0 to 1. */
  score: number;
  scoredAt: Date;
  /** Kept out of interventions: conditions of segments about predictions are false. */
  isHeldOut: boolean;
}

export class ScoredCustomerPageDto {
  items: ScoredCustomerDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

import { ApiProperty } from '@nestjs/swagger';
import { PREDICTION_TARGETS, type PredictionTarget } from '../../events/prediction-targets.js';
import { MODEL_STATUSES, type ModelStatus } from '../models/trained-model.js';
import { ShortfallDto } from './prediction.dto.js';

/** What a feature adds to the logit of a score. */
export class ReasonDto {
  feature: string;
  /** “events in the last 7 days: 0 → −0.8” */
  text: string;
  /** Null if it is missing. */
  value: number | null;
  contribution: number;
}

/** Why a customer has its score: `base` and all contributions add up to `logit`, within 1e-9. */
export class ExplanationDto {
  /** The logit of the average customer of the training. */
  base: number;
  /** The sum. The calibration maps it to the score and keeps the order. */
  logit: number;
  /** The three strongest contributions. */
  strongest: ReasonDto[];
  /** All features, the strongest first. */
  contributions: ReasonDto[];
}

/** One prediction of a customer. */
export class CustomerPredictionDto {
  @ApiProperty({ enum: PREDICTION_TARGETS })
  target: PredictionTarget;
  title: string;
  /**
   * `scored`; `not_scored`: the target does not concern the customer (now), or the next hourly scoring will reach it.
   * All others: no model serves, and `missing` says what the training lacks.
   */
  @ApiProperty({
    enum: ['scored', 'not_scored', 'not_trained', ...MODEL_STATUSES.filter((one) => one !== 'published')],
  })
  status: 'scored' | 'not_scored' | 'not_trained' | Exclude<ModelStatus, 'published'>;
  /** Of all customers at moments in the past, while no model serves; null before a training and with a model. */
  baseRate: number | null;
  /** A probability, from 0 to 1. */
  score: number | null;
  scoredAt: Date | null;
  /** The version of the model. */
  version: number | null;
  isHeldOut: boolean | null;
  @ApiProperty({ type: ExplanationDto, nullable: true })
  explanation: ExplanationDto | null;
  missing: ShortfallDto[];
}

export class CustomerPredictionsDto {
  stripeCustomerId: string;
  predictions: CustomerPredictionDto[];
}

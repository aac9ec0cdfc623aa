import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PREDICTION_TARGETS, type PredictionTarget } from '../../events/prediction-targets.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { Feature } from '../features/feature.js';
import { featuresSql, GIVEN_MOMENTS } from '../features/features-sql.js';
import { explainRow } from '../models/explain-row.js';
import { matrixOf } from '../reading/matrix.js';
import { getModel } from '../scoring/serving-model.js';
import type {
  CustomerPredictionDto,
  CustomerPredictionsDto,
  ExplanationDto,
} from './customer-prediction.dto.js';
import { findStates } from './predictions.queries.js';
import { stateOf } from './predictions.service.js';
import { reasonOf } from './reason-words.js';

const STRONGEST = 3;

/** Reads the predictions of one customer with their reasons. */
@Injectable()
export class CustomerPredictions {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError customer_not_found */
  async get(stripeCustomerId: string): Promise<CustomerPredictionsDto> {
    const { manager } = this.dataSource;
    const [customer] = await manager.query<{ id: string }[]>(CUSTOMER, [stripeCustomerId]);
    if (!customer) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    const scores = await manager.query<StoredScore[]>(SCORES, [customer.id]);
    const states = await findStates(manager);
    const predictions: CustomerPredictionDto[] = [];
    for (const target of PREDICTION_TARGETS) {
      const { title, status, newest } = stateOf(target, states.get(target));
      const score = scores.find((one) => one.target === target);
      const missing = status === 'not_enough_data' ? (newest?.missing ?? []) : [];
      const scored = score ? await this.explained(customer.id, score) : NOT_SCORED;
      predictions.push({
        target,
        title,
        ...scored,
        missing,
        baseRate: score || status === 'serving' ? null : (newest?.baseRate ?? null),
        status: score ? 'scored' : status === 'serving' ? 'not_scored' : status,
      });
    }
    return { stripeCustomerId, predictions };
  }

  /** Explains a score by what was known when it was made, which as-of reads find again at any time. */
  private async explained(customerId: string, { modelId, scoredAt, ...score }: StoredScore) {
    const { manager } = this.dataSource;
    const { model, features, version } = await getModel(manager, modelId);
    const [row] = await manager.query<{ features: string }[]>(featuresSql(features, GIVEN_MOMENTS), [
      scoredAt,
      scoredAt,
      [customerId],
      [scoredAt],
    ]);
    const values = matrixOf([row?.features ?? '{}'], features.length);
    const explanation = toDto(explainRow(model, values), features);
    return { score: score.score, isHeldOut: score.isHeldOut, scoredAt, version, explanation };
  }
}

function toDto(
  { base, logit, contributions }: ReturnType<typeof explainRow>,
  features: readonly Feature[],
): ExplanationDto {
  const reasons = contributions
    .map((contribution, index) => reasonOf(contribution, features[index] as Feature))
    .toSorted((one, other) => Math.abs(other.contribution) - Math.abs(one.contribution));
  return { base, logit, strongest: reasons.slice(0, STRONGEST), contributions: reasons };
}

const NOT_SCORED = { score: null, scoredAt: null, version: null, isHeldOut: null, explanation: null };

interface StoredScore {
  target: PredictionTarget;
  score: number;
  modelId: string;
  scoredAt: Date;
  isHeldOut: boolean;
}

const CUSTOMER = 'select id from customers where stripe_customer_id = $1 order by id desc limit 1';

const SCORES = `
  select target, score, model_id as "modelId", scored_at as "scoredAt", is_held_out as "isHeldOut"
  from customer_predictions where customer_id = $1`;

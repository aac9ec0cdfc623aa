import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PREDICTION_TARGETS, type PredictionTarget } from '../../events/prediction-targets.js';
import { currentCause } from '../../platform/cause.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { TARGETS } from '../targets/targets.js';
import type {
  PredictionDetailDto,
  PredictionDto,
  ScoredCustomerPageDto,
  ScoresQuery,
  TrainingRequestedDto,
} from './prediction.dto.js';
import { findCard, findScores, findStates, findVersions, type StateRow } from './predictions.queries.js';
import { findRealised } from './realised.queries.js';

/** Reads how predictions fare, and starts trainings. */
@Injectable()
export class Predictions {
  constructor(
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async list(): Promise<PredictionDto[]> {
    const states = await findStates(this.dataSource.manager);
    return PREDICTION_TARGETS.map((target) => stateOf(target, states.get(target)));
  }

  /** @throws DomainError prediction_not_found */
  async get(name: string): Promise<PredictionDetailDto> {
    const target = targetNamed(name);
    const { manager } = this.dataSource;
    const state = (await findStates(manager)).get(target);
    const version = state?.servingVersion ?? state?.newest?.version ?? null;
    const [versions, found, realised] = await Promise.all([
      findVersions(manager, target),
      version === null ? null : findCard(manager, target, version),
      findRealised(manager, target),
    ]);
    const card = found && { ...found.card, features: found.features };
    return { ...stateOf(target, state), card, drift: state?.drift ?? null, realised, versions };
  }

  /** The highest scores first. @throws DomainError prediction_not_found */
  async listScores(name: string, { min, cursor, limit }: ScoresQuery): Promise<ScoredCustomerPageDto> {
    const target = targetNamed(name);
    const [score, customerId] = cursor?.split('_') ?? [];
    const after = [score === undefined ? null : Number(score), customerId ?? null] as const;
    const found = await findScores(this.dataSource.manager, target, { min, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last ? `${last.score}_${last.customerId}` : null;
    return { items, nextCursor };
  }

  /** Adds a training to the jobs. One that still waits is enough. @throws DomainError prediction_not_found */
  async train(name: string): Promise<TrainingRequestedDto> {
    const target = targetNamed(name);
    const unit = new UnitOfWork();
    const by = currentCause().caller?.name ?? null;
    unit.enqueue('train-prediction', { target, by }, { key: `train ${target}` });
    await inTransaction(this.dataSource, (manager) => this.writer.write(manager, [unit]));
    return { target };
  }
}

/** @throws DomainError prediction_not_found */
function targetNamed(name: string): PredictionTarget {
  const target = PREDICTION_TARGETS.find((one) => one === name);
  if (!target)
    throw new DomainError('prediction_not_found', `Predictions are ${PREDICTION_TARGETS.join(', ')}`);
  return target;
}

/** The state of a target, also before its first training. */
export function stateOf(target: PredictionTarget, state: StateRow | undefined): PredictionDto {
  const { title, windowDays } = TARGETS[target];
  const {
    servingVersion = null,
    newest = null,
    trainedAt = null,
    scoredAt = null,
    customers = 0,
  } = state ?? {};
  const status = servingVersion === null ? (newest?.status ?? 'not_trained') : 'serving';
  return {
    target,
    title,
    windowDays,
    // Without a serving model, no training was published.
    status: status as PredictionDto['status'],
    servingVersion,
    newest,
    trainedAt,
    scoredAt,
    customers,
  };
}

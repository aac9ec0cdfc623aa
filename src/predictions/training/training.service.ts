import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import pLimit from 'p-limit';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { JobSettings } from '../../platform/jobs/job.settings.js';
import { assertAsOf } from '../features/feature.js';
import { featuresFor } from '../features/feature-list.js';
import { ANY_VALUES, type Vocabulary } from '../features/vocabulary.js';
import type { ModelStatus, TrainedModel } from '../models/trained-model.js';
import { LongRead } from '../reading/long-read.js';
import type { StoredCard } from '../stored/prediction-model.entity.js';
import { TARGETS } from '../targets/targets.js';
import { trainInWorker } from './train-in-worker.js';
import { historyDays, readTrainingRows, ROWS_MAX } from './training-rows.js';

/** So many models of each target are kept. */
const MODELS_KEPT = 30;

/** What became of a training. */
export interface TrainingOutcome {
  version: number;
  status: ModelStatus;
  rows: number;
  seconds: number;
}

/** Trains models and stores them. */
@Injectable()
export class Training {
  private readonly logger = new Logger('predictions');
  /** One set of rows is in memory at a time. */
  private readonly oneAtATime = pLimit(1);

  constructor(
    private readonly clock: Clock,
    private readonly jobs: JobSettings,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws Error if a feature could read what was not known at its moment */
  onModuleInit(): void {
    for (const feature of featuresFor(ANY_VALUES)) assertAsOf(feature);
  }

  /** Trains a model of a target. It serves if it is published. @param by the name of the key that asked for it */
  train(target: PredictionTarget, by: string | null): Promise<TrainingOutcome> {
    return this.oneAtATime(async () => {
      const startedAt = performance.now();
      const now = this.clock.now();
      const days = historyDays(this.jobs.daysByTable);
      const { set, vocabulary, customerShare } = await LongRead.run(this.dataSource, (read) =>
        readTrainingRows(read, TARGETS[target], { now, days }),
      );
      const { rows } = set;
      this.logger.log({ event: 'training rows read', target, rows, seconds: secondsSince(startedAt) });
      const trained = await trainInWorker(set);
      const version = await inTransaction(this.dataSource, (manager) =>
        store(manager, {
          target,
          now,
          by,
          vocabulary,
          source: { customerShare, historyDays: days, rowsMax: ROWS_MAX },
          trained,
        }),
      );
      const outcome = { version, status: trained.card.status, rows, seconds: secondsSince(startedAt) };
      this.logger.log({ event: 'model trained', target, kind: trained.kind, ...outcome });
      return outcome;
    });
  }
}

const secondsSince = (startedAt: number) => Math.round(performance.now() - startedAt) / 1000;

interface Trained {
  target: PredictionTarget;
  now: Date;
  by: string | null;
  vocabulary: Vocabulary;
  source: Pick<StoredCard, 'customerShare' | 'historyDays' | 'rowsMax'>;
  trained: TrainedModel;
}

/** @returns the version */
async function store(manager: EntityManager, { target, now, by, vocabulary, source, trained }: Trained) {
  const { card, ...model } = trained;
  const id = uuidv7();
  const stored: StoredCard = { ...card, ...source };
  // The row of the state is the lock: two trainings of a target get different versions.
  await manager.query(LOCK_STATE, [target, now, card.status === 'published' ? id : null]);
  const [row] = await manager.query<{ version: number }[]>(STORE, [
    id,
    target,
    card.status,
    now,
    by,
    JSON.stringify(stored),
    JSON.stringify(vocabulary),
    JSON.stringify(model),
  ]);
  await manager.query(DROP_OLD, [target, MODELS_KEPT]);
  return row?.version as number;
}

const LOCK_STATE = `
  insert into prediction_states as state (target, trained_at, serving_model_id) values ($1, $2, $3)
  on conflict (target) do update set trained_at = excluded.trained_at,
    serving_model_id = coalesce(excluded.serving_model_id, state.serving_model_id)`;

const STORE = `
  insert into prediction_models (id, target, version, status, trained_at, trained_by, card, vocabulary, model)
  select $1, $2::text, coalesce(max(version), 0) + 1, $3, $4, $5, $6, $7, $8
  from prediction_models where target = $2
  returning version`;

/** A model that serves, or that has made present scores, is kept. */
const DROP_OLD = `
  delete from prediction_models
  where target = $1 and version <= (select max(version) from prediction_models where target = $1) - $2::int
    and not exists (
      select from prediction_states state where prediction_models.id in (serving_model_id, scored_model_id))`;

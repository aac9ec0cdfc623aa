import { setImmediate } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import { Clock } from '../../platform/clock.js';
import { smallestUuidOf } from '../../platform/database/uuid.js';
import { featuresSql } from '../features/features-sql.js';
import { scoreBatch } from '../models/score-rows.js';
import { LongRead } from '../reading/long-read.js';
import { matrixOf } from '../reading/matrix.js';
import type { PredictionState } from '../stored/prediction-state.entity.js';
import type { TargetDefinition } from '../targets/target-definition.js';
import { concernedNow } from '../targets/target-sql.js';
import { TARGETS } from '../targets/targets.js';
import { DUE_CUSTOMERS, HOURS_PER_ROUND } from './due-customers.queries.js';
import { measureDrift } from './measure-drift.js';
import type { ScoringRun } from './scoring-run.js';
import { type ScoredPage, ScoreWriter } from './score-writer.service.js';
import { findServingModel } from './serving-model.js';

/** Short transactions, because they may evaluate segments. */
const CUSTOMERS_PER_PAGE = 1000;
const CUSTOMERS_PER_SLICE = 100;
/** Rows are dated by the processes that write them, and may commit later: some are looked at twice. */
const SLOW_COMMITS_MS = 60_000;
/** Outcomes are compared for about so many customers. */
const NOTED_CUSTOMERS = 10_000;
const HOUR_MS = 3_600_000;

type FeatureRow = [customerId: string, features: string];

/** Scores customers with the model that serves. */
@Injectable()
export class Scoring {
  private readonly logger = new Logger('predictions');

  constructor(
    private readonly clock: Clock,
    private readonly writer: ScoreWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Scores the customers that changed, or all if their scores are of another model. A run that is repeated continues
   * where the last one ended.
   */
  async score(target: PredictionTarget): Promise<void> {
    const startedAt = performance.now();
    const { manager } = this.dataSource;
    const model = await findServingModel(manager, target);
    if (!model) return;
    const [state] = await manager.query<State[]>(STATE, [target]);
    const notedShare = NOTED_CUSTOMERS / Math.max(1, state?.customers ?? 0);
    const run = { definition: TARGETS[target], model, now: this.clock.now(), notedShare };
    const isWhole = state?.scoredModelId !== model.id || state.scoredAt === null;
    const beganAt = isWhole ? await beginWhole(manager, run) : run.now;
    const scored = isWhole ? await this.scoreAll(run) : await this.scoreDue(run, state.scoredAt as Date);
    const drift = await LongRead.run(this.dataSource, (read) => measureDrift(read, run));
    await manager.query(RECORD, [target, beganAt, model.id, JSON.stringify(drift)]);
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    this.logger.log({ event: 'customers scored', target, version: model.version, isWhole, scored, seconds });
  }

  /** A page is written while the next one is read and scored. */
  private scoreAll(run: ScoringRun): Promise<number> {
    const sql = featuresSql(run.model.features, notScoredBy(run.definition));
    return LongRead.run(this.dataSource, async (read) => {
      let scored = 0;
      let writing = Promise.resolve();
      const { now, model } = run;
      for await (const rows of read.pages<FeatureRow>(sql, [now, now, model.id, run.definition.target])) {
        const page = await scoredPage(run, rows);
        await writing;
        writing = this.writer.write(run, page);
        // It is awaited above or below; until then its failure must not end the process.
        writing.catch(() => undefined);
        scored += rows.length;
      }
      await writing;
      await this.writer.removeOthers(run);
      return scored;
    });
  }

  private scoreDue(run: ScoringRun, scoredAt: Date): Promise<number> {
    const { now } = run;
    const since = new Date(scoredAt.getTime() - SLOW_COMMITS_MS);
    const sql = featuresSql(run.model.features, concernedOf(run.definition));
    const hour = Math.floor(now.getTime() / HOUR_MS) % HOURS_PER_ROUND;
    return LongRead.run(this.dataSource, async (read) => {
      const due = (await read.rows<[string]>(DUE_CUSTOMERS, [since, hour, smallestUuidOf(since)])).flat();
      for (let start = 0; start < due.length; start += CUSTOMERS_PER_PAGE) {
        const ids = due.slice(start, start + CUSTOMERS_PER_PAGE);
        const rows = await read.rows<FeatureRow>(sql, [now, now, ids]);
        const concerned = new Set(rows.map(([id]) => id));
        await this.writer.write(run, {
          ...(await scoredPage(run, rows)),
          unconcerned: ids.filter((id) => !concerned.has(id)),
        });
      }
      return due.length;
    });
  }
}

/** When the scoring of all customers with the model began: earlier than now if it was interrupted since. */
async function beginWhole(manager: EntityManager, { definition, model, now }: ScoringRun): Promise<Date> {
  const [[row]] = await manager.query<[[{ beganAt: Date }]]>(BEGIN_WHOLE, [definition.target, now, model.id]);
  return row.beganAt;
}

/** Scores a page in slices of a millisecond or two, between which the process serves requests. */
async function scoredPage({ model }: ScoringRun, rows: readonly FeatureRow[]): Promise<ScoredPage> {
  const scores: number[] = [];
  for (let start = 0; start < rows.length; start += CUSTOMERS_PER_SLICE) {
    const slice = rows.slice(start, start + CUSTOMERS_PER_SLICE);
    const values = matrixOf(
      slice.map(([, text]) => text),
      model.features.length,
    );
    scores.push(...scoreBatch(model.model, values, slice.length).scores);
    await setImmediate();
  }
  return { customerIds: rows.map(([id]) => id), scores, unconcerned: [] };
}

/** All moments of a scoring are the same: `$1` and `$2` of `featuresSql`. */
const NOW = '$2::timestamptz';

const notScoredBy = (definition: TargetDefinition) => `
  select concerned.customer_id, ${NOW} as t0 from (${concernedNow(definition, NOW)}) as concerned
  where not exists (
    select from customer_predictions p
    where p.customer_id = concerned.customer_id and p.target = $4 and p.model_id = $3::uuid)`;

const concernedOf = (definition: TargetDefinition) => `
  select customer_id, ${NOW} as t0 from (${concernedNow(definition, NOW)}) as concerned
  where customer_id = any($3::uuid[])`;

type State = Pick<PredictionState, 'scoredAt' | 'scoredModelId'> & { customers: number };

/** PostgreSQL's estimate of the number of customers is enough. */
const STATE = `
  select scored_at as "scoredAt", scored_model_id as "scoredModelId",
    (select greatest(reltuples, 0) from pg_class where oid = 'customers'::regclass)::int as customers
  from prediction_states where target = $1`;

const RECORD = `
  update prediction_states set scored_at = $2, scored_model_id = $3, drift = $4,
    whole_scoring_at = null, whole_scoring_model_id = null
  where target = $1`;

const BEGIN_WHOLE = `
  update prediction_states set whole_scoring_model_id = $3::uuid,
    whole_scoring_at = case when whole_scoring_model_id = $3 then whole_scoring_at else $2::timestamptz end
  where target = $1
  returning whole_scoring_at as "beganAt"`;

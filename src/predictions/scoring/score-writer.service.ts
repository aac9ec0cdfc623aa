import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import { PredictionsChanged } from '../../events/predictions/predictions-changed.event.js';
import { bucketOf } from '../../platform/bucketing/hash-bucket.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UUID_V7_SQL } from '../../platform/database/uuid.js';
import { Facts } from '../../platform/facts/facts.service.js';
import type { ScoringRun } from './scoring-run.js';

/** A tenth of the customers is kept out of interventions. */
const HELD_OUT = { seed: 'prediction-holdout', share: 0.1 };
const NOTED_SEED = 'prediction-outcomes';
/** How often a score is noted, to be compared with the outcome. */
const NOTED_EVERY_DAYS = 7;
const REMOVED_PER_PAGE = 1000;

/** Some customers with their scores. */
export interface ScoredPage {
  customerIds: readonly string[];
  scores: readonly number[];
  /** Customers that the target does not concern any more. */
  unconcerned: readonly string[];
}

/** Writes the scores that changed, and what follows from them, a page in a transaction. */
@Injectable()
export class ScoreWriter {
  constructor(
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async write(run: ScoringRun, page: ScoredPage): Promise<void> {
    const { target, windowDays } = run.definition;
    const heldOut = page.customerIds.map((id) => bucketOf(HELD_OUT.seed, id) < HELD_OUT.share);
    const scores = [page.customerIds, page.scores, heldOut];
    await inTransaction(this.dataSource, async (manager) => {
      const changed = await store(manager, [...scores, target, run.model.id, run.now], target);
      const removed = page.unconcerned.length ? await idsOf(manager, REMOVE, [target, page.unconcerned]) : [];
      await this.announce(manager, run, [...changed, ...removed]);
      const noted = page.customerIds.filter((id) => bucketOf(NOTED_SEED, id) < run.notedShare);
      if (noted.length > 0) await manager.query(NOTE, [target, noted, run.now, NOTED_EVERY_DAYS, windowDays]);
    });
  }

  /** Removes the scores of customers that a complete scoring with a new model has left out. */
  async removeOthers(run: ScoringRun): Promise<void> {
    const { target } = run.definition;
    let removed: string[];
    do {
      removed = await inTransaction(this.dataSource, async (manager) => {
        const ids = await idsOf(manager, REMOVE_OTHERS, [target, run.model.id, REMOVED_PER_PAGE]);
        await this.announce(manager, run, ids);
        return ids;
      });
    } while (removed.length === REMOVED_PER_PAGE);
  }

  private async announce(manager: EntityManager, run: ScoringRun, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const fact = new PredictionsChanged(run.definition.target, ids, run.now.toISOString());
    await this.facts.record(manager, fact);
  }
}

/**
 * Stores scores. A customer that is erased at the same time keeps none: a present score goes with its row, and a first one is
 * stored before the customer is locked and looked at again.
 * @returns the customers whose scores changed
 */
async function store(manager: EntityManager, values: unknown[], target: PredictionTarget): Promise<string[]> {
  const stored = await manager.query<{ customerId: string; isFirst: boolean }[]>(STORE, values);
  const first = stored.filter(({ isFirst }) => isFirst).map(({ customerId }) => customerId);
  if (first.length === 0) return stored.map(({ customerId }) => customerId);
  const present = new Set(await idsOf(manager, LOCK_PRESENT, [first]));
  const gone = new Set(first.filter((id) => !present.has(id)));
  if (gone.size > 0) await manager.query(REMOVE, [target, [...gone]]);
  return stored.map(({ customerId }) => customerId).filter((id) => !gone.has(id));
}

async function idsOf(manager: EntityManager, text: string, values: unknown[]): Promise<string[]> {
  const rows = await manager.query<{ customerId: string }[]>(text, values);
  return rows.map(({ customerId }) => customerId);
}

/** A customer that was deleted since it was read gets no score. */
const STORE = `
  with stored as (
    insert into customer_predictions as old (customer_id, target, score, model_id, scored_at, is_held_out)
    select customer_id, $4, score, $5::uuid, $6::timestamptz, is_held_out
    from unnest($1::uuid[], $2::float8[], $3::boolean[]) as scored (customer_id, score, is_held_out)
    where not exists (select from customers where id = customer_id and deleted_at is not null)
    order by customer_id
    on conflict (customer_id, target) do update
    set score = excluded.score, model_id = excluded.model_id, scored_at = excluded.scored_at,
      is_held_out = excluded.is_held_out
    where old.score <> excluded.score or old.model_id <> excluded.model_id
      or old.is_held_out <> excluded.is_held_out
    returning customer_id, xmax = 0 as is_first
  )
  select customer_id as "customerId", is_first as "isFirst" from stored`;

/** An erasure locks its customers for an update first: either it waits here for the scores to be stored, or these wait for it. */
const LOCK_PRESENT = `
  select id as "customerId" from customers where id = any($1::uuid[]) and deleted_at is null
  order by id for key share`;

const REMOVE = `
  with removed as (
    delete from customer_predictions where target = $1 and customer_id = any($2::uuid[]) returning customer_id
  )
  select customer_id as "customerId" from removed`;

/**
 * `array` makes PostgreSQL find the customers once. With `in` and statistics from before the target had scores, it looks for
 * them again for each score of the target, which takes minutes with 200,000 scores.
 */
const REMOVE_OTHERS = `
  with removed as (
    delete from customer_predictions where target = $1 and customer_id = any(array(
      select customer_id from customer_predictions where target = $1 and model_id <> $2::uuid limit $3::int))
    returning customer_id
  )
  select customer_id as "customerId" from removed`;

const NOTE = `
  with due as (
    update customer_predictions set noted_at = $3
    where target = $1 and customer_id = any($2::uuid[])
      and coalesce(noted_at <= $3::timestamptz - $4::int * interval '1 day', true)
    returning customer_id, score, model_id, is_held_out
  )
  insert into prediction_outcomes (id, customer_id, target, t0, score, model_id, is_held_out, window_ends_at)
  select ${UUID_V7_SQL}, customer_id, $1, $3, score, model_id, is_held_out, $3::timestamptz + $5::int * interval '1 day'
  from due`;

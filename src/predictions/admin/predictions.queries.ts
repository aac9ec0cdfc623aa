import type { EntityManager } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import type { StoredCard } from '../stored/prediction-model.entity.js';
import type { Drift } from '../stored/prediction-state.entity.js';
import type { ModelVersionDto, ScoredCustomerDto } from './prediction.dto.js';

export interface StateRow {
  target: PredictionTarget;
  servingVersion: number | null;
  trainedAt: Date | null;
  scoredAt: Date | null;
  drift: Drift | null;
  customers: number;
  newest: ModelVersionDto | null;
}

/** The states of all targets that were trained, by target. */
export async function findStates(manager: EntityManager): Promise<Map<PredictionTarget, StateRow>> {
  const rows = await manager.query<StateRow[]>(STATES);
  return new Map(rows.map((row) => [row.target, row]));
}

export function findVersions(manager: EntityManager, target: PredictionTarget): Promise<ModelVersionDto[]> {
  return manager.query(`${VERSIONS} where target = $1 order by version desc limit 30`, [target]);
}

/** The card of a version with the names of its features. */
export async function findCard(
  manager: EntityManager,
  target: PredictionTarget,
  version: number,
): Promise<{ card: StoredCard & { baseRate: number }; features: string[] } | null> {
  const [row] = await manager.query(CARD, [target, version]);
  return row ?? null;
}

/** Scores in descending order, after the score and the customer of a cursor. */
export function findScores(
  manager: EntityManager,
  target: PredictionTarget,
  { min, after, limit }: { min: number; after: readonly [number | null, string | null]; limit: number },
): Promise<ScoredCustomerDto[]> {
  return manager.query(SCORES, [target, min, ...after, limit]);
}

const VERSION = `
  'version', version, 'status', status, 'kind', model ->> 'kind', 'trainedAt', trained_at, 'trainedBy', trained_by,
  'reason', card -> 'reason', 'baseRate', model -> 'baseRate', 'missing', card -> 'missing'`;

const STATES = `
  select state.target, serving.version as "servingVersion", state.trained_at as "trainedAt",
    scored_at as "scoredAt", drift,
    (select count(*)::int from customer_predictions p where p.target = state.target) as customers,
    (select json_build_object(${VERSION}) from prediction_models m where m.target = state.target
     order by version desc limit 1) as newest
  from prediction_states state left join prediction_models serving on serving.id = serving_model_id`;

const VERSIONS = `
  select version, status, model ->> 'kind' as kind, trained_at as "trainedAt", trained_by as "trainedBy",
    card ->> 'reason' as reason, (model ->> 'baseRate')::float8 as "baseRate", card -> 'missing' as missing
  from prediction_models`;

const CARD = `
  select card - array['featureStatistics', 'scoreStatistics'] || jsonb_build_object('baseRate', model -> 'baseRate') as card, model -> 'featureNames' as features
  from prediction_models where target = $1 and version = $2`;

const SCORES = `
  select customer_id as "customerId", stripe_customer_id as "stripeCustomerId", score, scored_at as "scoredAt",
    is_held_out as "isHeldOut"
  from customer_predictions join customers on customers.id = customer_id
  where target = $1 and score >= $2::float8
    and ($3::float8 is null or (score, customer_id) < ($3::float8, $4::uuid))
  order by score desc, customer_id desc
  limit $5::int`;

import type { EntityManager } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import type { StoredCard } from '../stored/prediction-model.entity.js';
import type { Drift } from '../stored/prediction-state.entity.js';
import type {
  ModelVersionDto,
  OutcomeRateDto,
  RealisedBinDto,
  RealisedDto,
  ScoredCustomerDto,
} from './prediction.dto.js';

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
): Promise<{ card: StoredCard; features: string[] } | null> {
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

/** Scores and outcomes of a target. */
export async function findRealised(manager: EntityManager, target: PredictionTarget): Promise<RealisedDto> {
  const bins = await manager.query<(RealisedBinDto & { squares: number })[]>(BINS, [target]);
  const [totals] = await manager.query<Totals[]>(TOTALS, [target]);
  const { settled = 0, open = 0, heldOut, others } = totals ?? {};
  const none: OutcomeRateDto = { customers: 0, meanScore: null, rate: null };
  const mean = (valueOf: (bin: (typeof bins)[number]) => number) =>
    settled === 0 ? null : bins.reduce((sum, bin) => sum + valueOf(bin), 0) / settled;
  return {
    settled,
    open,
    brier: mean(({ squares }) => squares),
    ece: mean(({ customers, meanScore, rate }) => customers * Math.abs(meanScore - rate)),
    bins: bins.map(({ squares: _squares, ...bin }) => bin),
    heldOut: heldOut ?? none,
    others: others ?? none,
  };
}

type Totals = Pick<RealisedDto, 'settled' | 'open' | 'heldOut' | 'others'>;

const VERSION = `
  'version', version, 'status', status, 'kind', model ->> 'kind', 'trainedAt', trained_at, 'trainedBy', trained_by,
  'reason', card -> 'reason', 'missing', card -> 'missing'`;

const STATES = `
  select state.target, serving.version as "servingVersion", state.trained_at as "trainedAt",
    scored_at as "scoredAt", drift,
    (select count(*)::int from customer_predictions p where p.target = state.target) as customers,
    (select json_build_object(${VERSION}) from prediction_models m where m.target = state.target
     order by version desc limit 1) as newest
  from prediction_states state left join prediction_models serving on serving.id = serving_model_id`;

const VERSIONS = `
  select version, status, model ->> 'kind' as kind, trained_at as "trainedAt", trained_by as "trainedBy",
    card ->> 'reason' as reason, card -> 'missing' as missing
  from prediction_models`;

const CARD = `
  select card - array['featureStatistics', 'scoreStatistics'] as card, model -> 'featureNames' as features
  from prediction_models where target = $1 and version = $2`;

const SCORES = `
  select customer_id as "customerId", stripe_customer_id as "stripeCustomerId", score, scored_at as "scoredAt",
    is_held_out as "isHeldOut"
  from customer_predictions join customers on customers.id = customer_id
  where target = $1 and score >= $2::float8
    and ($3::float8 is null or (score, customer_id) < ($3::float8, $4::uuid))
  order by score desc, customer_id desc
  limit $5::int`;

const BINS = `
  select least(floor(score * 10), 9) / 10 as from, count(*)::int as customers, avg(score) as "meanScore",
    avg(outcome::int)::float8 as rate, sum((score - outcome::int) ^ 2) as squares
  from prediction_outcomes where target = $1 and outcome is not null
  group by 1 order by 1`;

const GROUP = `json_build_object('customers', count(*), 'meanScore', avg(score), 'rate', avg(outcome::int))`;

const TOTALS = `
  select (count(*) filter (where outcome is not null))::int as settled,
    (count(*) filter (where outcome is null))::int as open,
    (select ${GROUP} from prediction_outcomes where target = $1 and outcome is not null and is_held_out) as "heldOut",
    (select ${GROUP} from prediction_outcomes where target = $1 and outcome is not null and not is_held_out) as others
  from prediction_outcomes where target = $1`;

import type { EntityManager } from 'typeorm';
import type { PredictionTarget } from '../../events/prediction-targets.js';
import type {
  OutcomeRateDto,
  RealisedBinDto,
  RealisedCalibrationDto,
  RealisedDto,
} from './prediction.dto.js';

interface BinRow extends RealisedBinDto {
  isServing: boolean;
  /** The sum of squared distances from the outcomes. */
  squares: number;
}

interface OpenRow {
  isServing: boolean;
  open: number;
}

/** Scores and outcomes of a target, those of the model that serves apart from those of earlier ones. */
export async function findRealised(manager: EntityManager, target: PredictionTarget): Promise<RealisedDto> {
  const bins = await manager.query<BinRow[]>(BINS, [target]);
  const open = await manager.query<OpenRow[]>(OPEN, [target]);
  const [groups] = await manager.query<Partial<Pick<RealisedDto, 'heldOut' | 'others'>>[]>(GROUPS, [target]);
  const calibrationOf = (isServing: boolean) =>
    calibration(
      bins.filter((bin) => bin.isServing === isServing),
      open.find((row) => row.isServing === isServing)?.open ?? 0,
    );
  const none: OutcomeRateDto = { customers: 0, meanScore: null, rate: null };
  return {
    serving: calibrationOf(true),
    earlier: calibrationOf(false),
    heldOut: groups?.heldOut ?? none,
    others: groups?.others ?? none,
  };
}

function calibration(bins: readonly BinRow[], open: number): RealisedCalibrationDto {
  const settled = bins.reduce((sum, { customers }) => sum + customers, 0);
  const mean = (valueOf: (bin: BinRow) => number) =>
    settled === 0 ? null : bins.reduce((sum, bin) => sum + valueOf(bin), 0) / settled;
  return {
    settled,
    open,
    brier: mean(({ squares }) => squares),
    ece: mean(({ customers, meanScore, rate }) => customers * Math.abs(meanScore - rate)),
    bins: bins.map(({ from, customers, meanScore, rate }) => ({ from, customers, meanScore, rate })),
  };
}

const OUTCOMES = `
  select prediction_outcomes.*, model_id is not distinct from serving_model_id as is_serving
  from prediction_outcomes left join prediction_states using (target) where target = $1`;

const BINS = `
  select is_serving as "isServing", least(floor(score * 10), 9) / 10 as from, count(*)::int as customers,
    avg(score) as "meanScore", avg(outcome::int)::float8 as rate, sum((score - outcome::int) ^ 2) as squares
  from (${OUTCOMES}) as noted where outcome is not null
  group by 1, 2 order by 1, 2`;

const OPEN = `
  select is_serving as "isServing", count(*)::int as open from (${OUTCOMES}) as noted where outcome is null group by 1`;

const GROUP = `json_build_object('customers', count(*), 'meanScore', avg(score), 'rate', avg(outcome::int))`;

const GROUPS = `
  select
    (select ${GROUP} from prediction_outcomes where target = $1 and outcome is not null and is_held_out) as "heldOut",
    (select ${GROUP} from prediction_outcomes where target = $1 and outcome is not null and not is_held_out) as others`;

import type { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import type { Goal, Guardrail } from '../definitions/goal.js';
import { adjustOverGoals, type ArmResult, compareArms, type DayResult } from '../statistics/compare-arms.js';
import { guardArms } from '../statistics/guard-arms.js';
import { sampleRatio } from '../statistics/sample-ratio.js';
import { isUnknown } from '../statistics/unknown.js';
import type { DefinedExperiment, ExperimentCounts } from './count-experiment.js';
import type {
  ArmResultDto,
  ExperimentResultsDto,
  GoalResultDto,
  GuardrailResultDto,
  Method,
  PhaseResultDto,
} from './experiment-results.dto.js';
import { assignedDays, closedDays, dateOf, daysUntil, stepOf, thinOut } from './result-days.js';
import type { UnitCell } from './units.queries.js';

const ALPHA = 0.05;

const DEFINITION =
  'A unit is a MINGUS user, assigned when its customer is created. It counts for a goal once its window has closed, which begins when Stripe created the customer, or with the assignment by the API. Each arm is compared with the first one, the control. Days end in UTC.';

/** An experiment as of a time, with the units and outcomes that were counted. */
export type CountedExperiment = DefinedExperiment & ExperimentCounts & { asOf: Date };

/** Compares the arms of an experiment. */
export function answerResults(counted: CountedExperiment, method: Method): ExperimentResultsDto {
  const { experiment, phases, asOf } = counted;
  const started = experiment.startedAt ?? asOf;
  const days = daysUntil(dateOf(started), dateOf(asOf));
  return {
    definition: DEFINITION,
    experiment: experiment.name,
    status: experiment.status,
    asOf,
    method,
    phases: phases.map((phase) => phaseOf(phase, counted.units)),
    goals: goalsOf(counted, days, method),
    guardrails: experiment.guardrails.map((guardrail, index) => guardrailOf(counted, guardrail, index)),
    everyDays: stepOf(days),
  };
}

function phaseOf({ id, number, arms }: ExperimentPhase, units: readonly UnitCell[]): PhaseResultDto {
  const own = units.filter(({ phaseId }) => phaseId === id);
  const counted = arms.map(({ key, weight }, armIndex) => {
    const cells = own.filter((cell) => cell.armIndex === armIndex);
    return { arm: key, weight, units: cells.reduce((sum, cell) => sum + cell.units, 0) };
  });
  return { number, arms: counted, sampleRatio: sampleRatio(counted) };
}

/** Each day is compared, as each may have the smallest p; the curve shows some of them. */
function goalsOf(counted: CountedExperiment, days: readonly string[], method: Method): GoalResultDto[] {
  const arms = armsOf(counted);
  const assigned = assignedDays(counted.units, arms);
  const curves = counted.experiment.goals.map(({ type, withinDays }, index) => {
    const closed = closedDays(counted.units, counted.goalOutcomes[index] ?? [], {
      arms,
      withinDays,
      asOf: counted.asOf,
    });
    const curve = compareArms(closed, assigned, days, {
      metric: metricOf(type),
      arms,
      method,
      alpha: ALPHA,
    });
    return thinOut(curve, stepOf(days));
  });
  const adjusted = adjustOverGoals(curves);
  return counted.experiment.goals.map((goal, index) => goalOf(goal, adjusted[index] ?? []));
}

/** All phases have the same arms. */
function armsOf({ phases }: CountedExperiment): string[] {
  return (phases[0]?.arms ?? []).map(({ key }) => key);
}

function metricOf(type: Goal['type']): GoalResultDto['metric'] {
  return type === 'mrr' ? 'mean' : 'proportion';
}

function goalOf({ name, type, withinDays }: Goal, curve: readonly DayResult[]): GoalResultDto {
  const days = curve.map(({ day, arms }) => ({ day, arms: arms.map(armOf) }));
  return { name, type, withinDays, metric: metricOf(type), arms: days.at(-1)?.arms ?? [], days };
}

function armOf({ comparison, ...counts }: ArmResult): ArmResultDto {
  if (comparison === null) return { ...counts, comparison: null, unknown: null };
  if (isUnknown(comparison)) return { ...counts, comparison: null, unknown: comparison.unknown };
  const { interval, chances, ...figures } = comparison;
  const { toWin, riskOfControl, riskOfArm } = chances;
  const [lower, upper] = interval;
  return {
    ...counts,
    comparison: { ...figures, lower, upper, chanceToWin: toWin, riskOfControl, riskOfArm },
    unknown: null,
  };
}

function guardrailOf(
  counted: CountedExperiment,
  { type, withinDays, margin }: Guardrail,
  index: number,
): GuardrailResultDto {
  const arms = armsOf(counted);
  const { units, asOf, guardrailOutcomes } = counted;
  const closed = closedDays(units, guardrailOutcomes[index] ?? [], { arms, withinDays, asOf });
  const rule = { metric: 'proportion', arms, alpha: ALPHA, harmfulWhen: 'higher', margin } as const;
  const guarded = guardArms(closed, assignedDays(units, arms), dateOf(asOf), rule);
  return {
    type,
    withinDays,
    margin,
    arms: guarded.map(({ result, ...counts }) => {
      const none = { excess: null, chanceOfHarm: null, verdict: null };
      if (result === null) return { ...counts, ...none, unknown: null };
      if (isUnknown(result)) return { ...counts, ...none, unknown: result.unknown };
      return { ...counts, ...result, unknown: null };
    }),
  };
}

import { IsIn, IsOptional, Matches } from 'class-validator';
import type { ExperimentStatus } from '../definitions/experiment.entity.js';
import type { Goal, Guardrail } from '../definitions/goal.js';
import type { GuardrailResult } from '../statistics/guardrail.js';
import type { SampleRatio } from '../statistics/sample-ratio.js';
import type { Metric } from '../statistics/summary.js';
import type { UnknownReason } from '../statistics/unknown.js';

export const METHODS = ['sequential', 'fixed'] as const;
export type Method = (typeof METHODS)[number];

/** When the units are counted. */
const COUNTED = ['hourly', 'now'] as const;

export class ResultsQuery {
  /** The results at the end of this day (UTC, YYYY-MM-DD). Default: now. */
  @IsOptional()
  @Matches(/^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, {
    message: 'day must be a day such as 2026-01-31',
  })
  day?: string;

  /**
   * `sequential`: the error rate holds for looking at any number of days. `fixed`: Welch's t test, whose error rate holds
   * for a single look at an end that was chosen before the start.
   */
  @IsIn(METHODS)
  method: Method = 'sequential';

  /** `hourly`: from the counts of the last hour, where they reach the day. `now`: units are counted at once, which takes seconds for a million, unless all windows have closed: then the last counts stay. */
  @IsIn(COUNTED)
  counted: (typeof COUNTED)[number] = 'hourly';
}

/** An arm against the control. */
export class ComparisonDto {
  /** The relative lift, estimated over the strata: 0.1 is ten percent more than the control. */
  lift: number;
  /** The interval of the lift with a confidence of 95 %. */
  lower: number;
  upper: number;
  /** With the method `sequential`, the smallest one of all days so far. */
  p: number;
  /** `p`, corrected for the number of goals and arms (Holm). Below 0.05 there is a difference. */
  adjustedP: number;
  /** The probability that the arm is better than the control, for a flat prior. */
  chanceToWin: number;
  /** The expected relative loss of keeping the control. */
  riskOfControl: number;
  /** The expected relative loss of choosing the arm. */
  riskOfArm: number;
  /** By how many strata of source, country, user age and phase the lift is adjusted; 1 is not at all. */
  strata: number;
}

/** The counts of an arm. */
export class ArmCountsDto {
  arm: string;
  /** Units whose window has closed: only these count. */
  units: number;
  /** Units whose window has not closed. */
  open: number;
  /** As counted; null without units. The lift is adjusted for strata, so it may differ from that of the means. */
  mean: number | null;
}

export class ArmResultDto extends ArmCountsDto {
  /** The units that reached the goal; null for amounts. */
  conversions: number | null;
  /** Null for the control, and where it cannot be given. */
  comparison: ComparisonDto | null;
  /** Why there is no comparison; null if there is one, and for the control. */
  unknown: UnknownReason | null;
}

export class ResultDayDto {
  /** The end of this day (UTC), or now. */
  day: string;
  arms: ArmResultDto[];
}

export class GoalResultDto {
  name: string;
  type: Goal['type'];
  withinDays: number;
  /** `proportion`: the share of units that reach it. `mean`: the mean of an amount. */
  metric: Metric;
  arms: ArmResultDto[];
  /** The same at the end of each day of the curve, oldest first. */
  days: ResultDayDto[];
}

export class GuardedArmDto extends ArmCountsDto {
  /** The share of the control's mean by which the arm exceeds the margin; negative if it does not. */
  excess: number | null;
  /** The probability that the arm harms by more than the margin. */
  chanceOfHarm: number | null;
  /** `safe` and `harmed` hold for looking at any number of days. Null for the control. */
  verdict: GuardrailResult['verdict'] | null;
  /** Why there is no verdict. */
  unknown: UnknownReason | null;
}

export class GuardrailResultDto {
  type: Guardrail['type'];
  withinDays: number;
  margin: number;
  arms: GuardedArmDto[];
}

export class PhaseArmDto {
  arm: string;
  weight: number;
  /** All units, also those whose window has not closed. */
  units: number;
}

export class SampleRatioDto implements SampleRatio {
  chiSquare: number;
  p: number;
  /** The largest difference between the share of an arm and its weight. */
  deviation: number;
  /** `alerts`: something loses or adds units of an arm, and the results are not to be trusted. */
  verdict: SampleRatio['verdict'];
}

export class PhaseResultDto {
  number: number;
  arms: PhaseArmDto[];
  /** Whether the units are spread as the weights say; null while there are too few units to judge. */
  sampleRatio: SampleRatioDto | null;
}

export class ExperimentResultsDto {
  /** What the numbers mean, in words. */
  definition: string;
  experiment: string;
  status: ExperimentStatus;
  /** All windows that had closed at this time are counted. */
  asOf: Date;
  method: Method;
  phases: PhaseResultDto[];
  goals: GoalResultDto[];
  guardrails: GuardrailResultDto[];
  /** The number of days from one day of a curve to the next; more than 1 if it ran for more than 60 days. */
  everyDays: number;
}

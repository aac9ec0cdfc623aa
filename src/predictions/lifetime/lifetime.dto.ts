import { Type as Transform } from 'class-transformer';
import { IsNumber, IsOptional, Matches, Max, Min } from 'class-validator';

export class CohortQuery {
  /** Only the customers who first paid in this month (YYYY-MM, UTC). Default: those of the last twelve months. */
  @IsOptional()
  @Matches(/^20\d\d-(0[1-9]|1[0-2])$/, { message: 'cohort must be a month such as 2026-01' })
  cohort?: string;
}

export class LifetimeQuery extends CohortQuery {
  /** By how much a payment a year later is worth less, for example 0.1. */
  @IsNumber()
  @Min(0.001)
  @Max(1)
  @Transform(() => Number)
  discount: number = 0.1;
}

/** A step of a curve. */
export class SurvivalStepDto {
  /** Whole days since the first payment. */
  day: number;
  /** Customers observed up to this day. */
  atRisk: number;
  /** Customers who left on this day. */
  left: number;
  /** The share that stays beyond it, with its interval of 95 % (Greenwood). */
  survival: number;
  low: number;
  high: number;
}

export class CohortSurvivalDto {
  /** The month of the first payment. */
  cohort: string;
  customers: number;
  /** Customers who left so far. */
  left: number;
  /** When half have left; null while fewer have. */
  medianDays: number | null;
  /** A step for each day on which someone left. */
  curve: SurvivalStepDto[];
}

export class SurvivalDto {
  /** What the numbers mean, in words. */
  definition: string;
  asOf: Date;
  cohorts: CohortSurvivalDto[];
}

export class CohortLifetimeDto {
  cohort: string;
  /** Customers who pay monthly. */
  customers: number;
  /** Customers who are left out, because a subscription is paid by the year or at another interval, or none is stored. */
  notMonthly: number;
  /** The whole months for which all customers of the cohort have been observed. */
  months: number;
  /** Customers left after each of these months: at first all. */
  survivors: number[];
  /** `fitted`, or why there is no model. */
  status: 'fitted' | 'not_monthly' | 'too_few_renewals' | 'all_stayed' | 'all_left_at_once';
  alpha: number | null;
  beta: number | null;
  /** The share that is expected to stay through the next month. */
  nextRetention: number | null;
  /** The expected further payments of a customer who is left, in months, each valued today. */
  residualMonths: number | null;
}

export class LifetimesDto {
  definition: string;
  asOf: Date;
  /** Of a year. */
  discount: number;
  cohorts: CohortLifetimeDto[];
}

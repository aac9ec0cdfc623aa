import { IsOptional, Matches } from 'class-validator';
import { IsTime } from '../../platform/http/is-time.decorator.js';
import { IsZone } from '../../platform/http/is-zone.decorator.js';
import type { MrrMovementKind } from '../../events/subscriptions/mrr-moved.event.js';

const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;

export class RevenueQuery {
  /** Only this currency (ISO 4217 in lower case). Amounts of different currencies are never added up. */
  @IsOptional()
  @Matches(/^[a-z]{3}$/, { message: 'currency must be three lower-case letters' })
  currency?: string;
}

/** The months of a report, at most 36. */
export class MonthsQuery extends RevenueQuery {
  /** The first month (YYYY-MM). Default: eleven months before `to`. */
  @IsOptional()
  @Matches(MONTH, { message: 'from must be a month such as 2026-01' })
  from?: string;

  /** The last month (YYYY-MM). Default: the present month. */
  @IsOptional()
  @Matches(MONTH, { message: 'to must be a month such as 2026-12' })
  to?: string;

  /** The IANA time zone in which months begin: a place such as Europe/Berlin, or UTC. */
  @IsZone()
  zone: string = 'UTC';
}

export class ChurnQuery extends RevenueQuery {
  /** The end of the 30 days (ISO 8601). Default: now. */
  @IsOptional()
  @IsTime()
  at?: Date;
}

/** What every answer about revenue says about itself. */
export class RevenueReportDto {
  /** What the numbers mean, in words. */
  definition: string;
  /** All movements that were stored at this time are counted. */
  asOf: Date;
}

/** A report whose months begin in a time zone. */
export class MonthlyReportDto extends RevenueReportDto {
  /** The time zone in which months begin. */
  zone: string;
}

export class CurrencyRevenueDto {
  currency: string;
  /** Monthly recurring revenue, in the minor unit of the currency. */
  mrrMinor: number;
  /** Customers with revenue in the currency. */
  customers: number;
}

export class RevenueNowDto extends RevenueReportDto {
  currencies: CurrencyRevenueDto[];
  /** When the sum of movements was last compared with the stored revenue of each customer; null before the first time. */
  checkedAt: Date | null;
  /** Customers whose stored revenue was not the sum of their movements; null before the first comparison. */
  differences: number | null;
}

/** The movements of one kind in a month. */
export class MovementSumDto {
  /** Their sum, in the minor unit of the currency; negative for contraction and churn. */
  amountMinor: number;
  /** Their number. */
  movements: number;
}

export class MovementSumsDto implements Record<MrrMovementKind, MovementSumDto> {
  /** Customers who had never had revenue. */
  new: MovementSumDto;
  /** Customers who had had revenue before. */
  reactivation: MovementSumDto;
  expansion: MovementSumDto;
  contraction: MovementSumDto;
  /** Customers who have no revenue any more. */
  churn: MovementSumDto;
}

export class RevenueMonthDto extends CurrencyRevenueDto {
  /** YYYY-MM. */
  month: string;
  /** False for the present month and later ones: their numbers can still change much. */
  isOver: boolean;
  movements: MovementSumsDto;
}

export class RevenueMonthsDto extends MonthlyReportDto {
  /** By currency, oldest month first. `mrrMinor` and `customers` are those at the end of the month, or now. */
  months: RevenueMonthDto[];
}

export class CurrencyChurnDto {
  currency: string;
  /** Customers with revenue 30 days before. */
  activeBefore: number;
  /** Customers without revenue 30 days before who began, or began again, since. */
  joined: number;
  /** Those of both who had no revenue at the end. */
  churned: number;
  /** churned ÷ (activeBefore + joined), from 0 to 1; null without customers. */
  rate: number | null;
}

export class ChurnDto extends RevenueReportDto {
  /** The first moment of the 30 days. */
  since: Date;
  /** The last moment of the 30 days. */
  until: Date;
  currencies: CurrencyChurnDto[];
}

/** What became of the revenue of some customers. Rates are shares of `openingMrrMinor`. */
export class RetentionDto {
  /** YYYY-MM. */
  month: string;
  currency: string;
  /** Customers at the beginning. */
  customers: number;
  /** Their revenue at the beginning. */
  openingMrrMinor: number;
  /** Gross revenue retention: Σ min(revenue at the end, at the beginning) ÷ Σ at the beginning. Null while the month is not over, and without revenue. */
  grr: number | null;
  /** Net revenue retention: Σ revenue at the end ÷ Σ at the beginning. Null while the month is not over, and without revenue. */
  nrr: number | null;
}

export class RetentionMonthsDto extends MonthlyReportDto {
  /** By currency, oldest month first. */
  months: RetentionDto[];
}

export class CohortCellDto {
  /** YYYY-MM. */
  month: string;
  /** Customers of the cohort with revenue at the end of the month; null while it is not over. */
  customers: number | null;
  /** Their revenue at the end of the month; null while it is not over. */
  mrrMinor: number | null;
  /** Null while the month is not over. */
  grr: number | null;
  /** Null while the month is not over. */
  nrr: number | null;
}

export class CohortDto {
  currency: string;
  /** The first month at whose end the customers had revenue (YYYY-MM). */
  cohort: string;
  /** Customers of the cohort. */
  customers: number;
  /** Their revenue at the end of that month. */
  openingMrrMinor: number;
  /** The cohort's month and all later ones of the report. */
  months: CohortCellDto[];
}

export class CohortsDto extends MonthlyReportDto {
  /** By currency, oldest cohort first. Months that are not over have no cohort yet. */
  cohorts: CohortDto[];
}

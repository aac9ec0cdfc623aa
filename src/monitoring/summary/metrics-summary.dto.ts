import { Type } from 'class-transformer';
import { IsDate, IsIn, IsOptional } from 'class-validator';

/** Which time is summed up. */
export class MetricsSummaryQuery {
  /** How long a period is. */
  @IsIn(['hour', 'day'])
  step: 'hour' | 'day' = 'hour';

  /** The beginning; a day, or with `step=day` a month, before `until` when missing. */
  @IsOptional()
  @IsDate()
  @Type(() => Date)
  since?: Date;

  /** The end; now when missing. At most 200 periods after `since`. */
  @IsOptional()
  @IsDate()
  @Type(() => Date)
  until?: Date;
}

/** What happened in a period. Rates are between 0 and 1; null where there was nothing. */
export class MetricsPeriodDto {
  /** When it begins (UTC); null for the whole time. */
  start: Date | null;
  /** Events received, of all types. */
  events: number;
  /** Of events that tell of a new customer: those that made one, or met one that was there. */
  customersCreated: number;
  /** Those that came to nothing: rejected, without a user, or waiting for one. */
  customersFailed: number;
  creationSuccessRate: number | null;
  /** From receipt to the decision, in milliseconds. */
  processingMsP50: number | null;
  processingMsP95: number | null;
  /** Notifications queued in the period, by what became of them. */
  notifications: Record<string, number>;
  /** Of those that have ended: sent. */
  deliveryRate: number | null;
  /** Events by error code. */
  errors: Record<string, number>;
}

export class MetricsSummaryDto {
  since: Date;
  until: Date;
  total: MetricsPeriodDto;
  /** Oldest first; periods in which nothing happened are left out. */
  periods: MetricsPeriodDto[];
}

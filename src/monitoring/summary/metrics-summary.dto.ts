import { IsIn, IsOptional } from 'class-validator';
import { IsTime } from '../../platform/http/is-time.decorator.js';

/** The time range of the summary. */
export class MetricsSummaryQuery {
  /** The length of a period. */
  @IsIn(['hour', 'day'])
  step: 'hour' | 'day' = 'hour';

  /** The start. Default: a day, or with `step=day` a month, before `until`. */
  @IsOptional()
  @IsTime()
  since?: Date;

  /** The end, at most 200 periods after `since`. Default: now. */
  @IsOptional()
  @IsTime()
  until?: Date;
}

/** The counts of a period. Rates are between 0 and 1; null without data. */
export class MetricsPeriodDto {
  /** The start of the period (UTC); null for the whole time. */
  start: Date | null;
  /** Received events of all types. */
  events: number;
  /** Events about a new customer whose customer exists, created by this or another event. */
  customersCreated: number;
  /**
   * Events about a new customer that are rejected or unmatched. An event that waits for its user has not
   * failed.
   */
  customersFailed: number;
  creationSuccessRate: number | null;
  /** From receipt to the first decision, in milliseconds; later decisions do not count. */
  processingMsP50: number | null;
  processingMsP95: number | null;
  /** Notifications that were queued in the period, by their outcome. */
  notifications: Record<string, number>;
  /** The share of the ended notifications that were sent. */
  deliveryRate: number | null;
  /** Events by error code. */
  errors: Record<string, number>;
}

/** The size of a table with its indexes. */
export class TableStorageDto {
  table: string;
  bytes: number;
  /** The growth since `grownSince`; null without a sample of an earlier day. */
  grownBytes: number | null;
  /** A day (UTC) within the last week; null without a sample of an earlier day. */
  grownSince: string | null;
}

/** The present size of the database. */
export class StorageDto {
  databaseBytes: number;
  /** The largest first. */
  tables: TableStorageDto[];
}

export class MetricsSummaryDto {
  since: Date;
  until: Date;
  total: MetricsPeriodDto;
  /** Oldest first; periods without data are left out. */
  periods: MetricsPeriodDto[];
  /** The present sizes, independent of the time range. */
  storage: StorageDto;
}

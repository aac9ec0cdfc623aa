import { IsDateString, IsOptional } from 'class-validator';

/** The days to list. */
export class DailyRollupsQuery {
  /** First day (YYYY-MM-DD, UTC); 30 days ago if missing. */
  @IsOptional()
  @IsDateString({ strict: true })
  from?: string;

  /** Last day (YYYY-MM-DD, UTC); today if missing. */
  @IsOptional()
  @IsDateString({ strict: true })
  to?: string;
}

/** Number of events of one name and source on a day. */
export class DailyRollupDto {
  /** UTC day. */
  day: string;
  /** Name of the event, e.g. `customer_created`, `payment_succeeded`, `mrr_new`, `stage_active`. */
  name: string;
  /** Acquisition source. */
  source: string;
  count: number;
}

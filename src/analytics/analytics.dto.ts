import { IsDateString, IsOptional } from 'class-validator';

/** Which days to list. */
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

/** How many events of one name and source happened on a day. */
export class DailyRollupDto {
  /** UTC day. */
  day: string;
  /** Event, e.g. `customer_created`. */
  name: string;
  /** Acquisition source. */
  source: string;
  count: number;
}

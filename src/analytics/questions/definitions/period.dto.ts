import { IsInt, Max, MaxDate, Min, MinDate } from 'class-validator';
import { IsTime } from '../../../platform/http/is-time.decorator.js';
import { IsOmittable } from '../../../platform/http/is-omittable.decorator.js';

export const PERIOD_DAYS_MAX = 731;
const EARLIEST = new Date('2010-01-01T00:00:00Z');
const LATEST = new Date('2100-01-01T00:00:00Z');

/** Either `from` and `to`, or `lastDays`. Without any, the last 30 days. */
export class PeriodDto {
  /** The first moment (ISO 8601 with a zone, or a day of UTC). */
  @IsOmittable()
  @IsTime()
  @MinDate(EARLIEST)
  @MaxDate(LATEST)
  from?: Date;

  /** The end, which is not part of the period (as `from`), at most 731 days after `from`. */
  @IsOmittable()
  @IsTime()
  @MinDate(EARLIEST)
  @MaxDate(LATEST)
  to?: Date;

  /** So many whole days of the zone before today, and today so far. */
  @IsOmittable()
  @IsInt()
  @Min(1)
  @Max(PERIOD_DAYS_MAX)
  lastDays?: number;
}

/** A length of time: all units together are more than zero and at most 366 days. */
export class SpanDto {
  @IsOmittable()
  @IsInt()
  @Min(0)
  @Max(366)
  days?: number;

  @IsOmittable()
  @IsInt()
  @Min(0)
  @Max(8784)
  hours?: number;

  @IsOmittable()
  @IsInt()
  @Min(0)
  @Max(527_040)
  minutes?: number;
}

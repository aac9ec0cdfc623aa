import { IsBoolean, IsIn, IsInt, Matches, Max, Min } from 'class-validator';
import { IsNested } from '../../../platform/http/is-nested.decorator.js';
import { IsOmittable } from '../../../platform/http/is-omittable.decorator.js';
import { EventSelectionDto } from './event-selection.dto.js';
import { QuestionDto } from './question.dto.js';

export const RETENTION_COUNTING = ['in_week', 'in_week_or_later'] as const;

/** Which share of the persons of a week came back in the weeks after it. */
export class RetentionDto extends QuestionDto {
  declare kind: 'retention';

  /** The cohort of a person is the ISO week (from Monday, in the zone) of the first such event that is stored. */
  @IsNested(() => EventSelectionDto)
  first: EventSelectionDto;

  /** The event by which a person counts as back. It counts from the moment of the first event on. */
  @IsNested(() => EventSelectionDto)
  returning: EventSelectionDto;

  /** The number of cohorts: the present week and those before it. */
  @IsInt()
  @Min(1)
  @Max(53)
  weeks: number = 12;

  /** Whether a person counts in the weeks of a return, or also in all weeks before a return. */
  @IsIn(RETENTION_COUNTING)
  counting: (typeof RETENTION_COUNTING)[number] = 'in_week';

  /** Whether weeks are 7 × 24 hours from the first event of each person, instead of calendar weeks. */
  @IsBoolean()
  rolling: boolean = false;
}

const MONTH = /^20\d\d-(0[1-9]|1[0-2])$/;

/** What became of the revenue of customers, by the month in which they began to pay. */
export class RevenueRetentionDto extends QuestionDto {
  declare kind: 'revenue_retention';

  /** The first month (YYYY-MM). Default: eleven months before `to`. */
  @IsOmittable()
  @Matches(MONTH, { message: 'from must be a month such as 2026-01' })
  from?: string;

  /** The last month (YYYY-MM), at most 36 months. Default: the present month. */
  @IsOmittable()
  @Matches(MONTH, { message: 'to must be a month such as 2026-12' })
  to?: string;

  /** Only this currency (ISO 4217 in lower case). */
  @IsOmittable()
  @Matches(/^[a-z]{3}$/, { message: 'currency must be three lower-case letters' })
  currency?: string;
}

import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsString, Length } from 'class-validator';
import { AreNested, IsNested } from '../../../platform/http/is-nested.decorator.js';
import { IsOmittable } from '../../../platform/http/is-omittable.decorator.js';
import { EventSelectionDto } from './event-selection.dto.js';
import { PeriodQuestionDto } from './question.dto.js';

export const TREND_UNITS = ['hour', 'day', 'week'] as const;

/** The series of one value each: of a property of the event, or of the acquisition source of its person. */
export class TrendBreakdownDto {
  @IsIn(['property', 'source'])
  by: 'property' | 'source';

  /** The name of the property, for `by: property`. */
  @IsOmittable()
  @IsString()
  @Length(1, 100)
  property?: string;
}

/** How often events happened, and to how many persons, by hour, day or week (from Monday). */
export class TrendsDto extends PeriodQuestionDto {
  declare kind: 'trends';

  /** 1 to 10. Each one is a series. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @AreNested(() => EventSelectionDto)
  events: EventSelectionDto[];

  @IsIn(TREND_UNITS)
  unit: (typeof TREND_UNITS)[number] = 'day';

  @IsOmittable()
  @IsNested(() => TrendBreakdownDto)
  breakdown?: TrendBreakdownDto;
}

import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator';
import { AreNested, IsNested } from '../../../platform/http/is-nested.decorator.js';
import { IsOmittable } from '../../../platform/http/is-omittable.decorator.js';
import { type Milestone, MILESTONES } from '../../../events/lifecycle/lifecycle-names.js';
import { EventSelectionDto } from './event-selection.dto.js';
import { SpanDto } from './period.dto.js';
import { PeriodQuestionDto } from './question.dto.js';

export const STEPS_MAX = 10;

/** A question about attempts that begin in the period and have a time limit. */
export class WindowQuestionDto extends PeriodQuestionDto {
  /** The window: how long after its first step an attempt can convert. */
  @IsNested(() => SpanDto)
  within: SpanDto;
}

/** One report for each value of a property of the event that fills a step, or for the members of a segment and the others. */
export class StepBreakdownDto {
  /** The number of the step, from 1; always 1 for a segment. */
  @IsInt()
  @Min(1)
  @Max(STEPS_MAX)
  step: number = 1;

  /** Either a property or a segment is given. */
  @IsOmittable()
  @IsString()
  @Length(1, 100)
  property?: string;

  /** The name of a segment. Its present members are the value `member`, all others `not_member`. */
  @IsOmittable()
  @IsString()
  @Length(1, 63)
  segment?: string;
}

/**
 * How far persons get on a way of several events. A person counts with the attempt that got furthest, the earliest of
 * several. So an attempt that was dropped hides a later one that is as far and still open; when that one gets further, it
 * counts instead.
 */
export class FunnelDto extends WindowQuestionDto {
  declare kind: 'funnel';

  /** 2 to 10, in the order of the way. A name may come several times. */
  @IsArray()
  @ArrayMinSize(2)
  @ArrayMaxSize(STEPS_MAX)
  @AreNested(() => EventSelectionDto)
  steps: EventSelectionDto[];

  /** At most 5. Such an event between the first and the last step voids the attempt. */
  @IsOmittable()
  @IsArray()
  @ArrayMaxSize(5)
  @AreNested(() => EventSelectionDto)
  exclusions: EventSelectionDto[] = [];

  @IsOmittable()
  @IsNested(() => StepBreakdownDto)
  breakdown?: StepBreakdownDto;
}

/** How far customers get on a way of milestones, each of which a customer reaches once. */
export class MilestoneFunnelDto extends WindowQuestionDto {
  declare kind: 'milestone_funnel';

  /** 2 to 9 different ones, in the order of the way. */
  @IsArray()
  @ArrayMinSize(2)
  @ArrayUnique()
  @IsIn(MILESTONES, { each: true })
  steps: Milestone[];
}

/** How long persons take from one event to another one. */
export class TimeToConvertDto extends WindowQuestionDto {
  declare kind: 'time_to_convert';

  @IsNested(() => EventSelectionDto)
  first: EventSelectionDto;

  @IsNested(() => EventSelectionDto)
  last: EventSelectionDto;
}

import { IsIn } from 'class-validator';
import { IsNested } from '../../../platform/http/is-nested.decorator.js';
import { IsOmittable } from '../../../platform/http/is-omittable.decorator.js';
import { IsZone } from '../../../platform/http/is-zone.decorator.js';
import { PeriodDto } from './period.dto.js';

export const QUESTION_KINDS = [
  'trends',
  'funnel',
  'milestone_funnel',
  'time_to_convert',
  'retention',
  'revenue_retention',
  'attribution',
] as const;

export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** What all questions have. */
export class QuestionDto {
  /** What is asked; the other fields depend on it. */
  @IsIn(QUESTION_KINDS)
  kind: QuestionKind;

  /** The IANA time zone in which hours, days and weeks begin: a place such as Europe/Berlin, or UTC. */
  @IsZone()
  zone: string = 'UTC';
}

/** A question about a period. */
export class PeriodQuestionDto extends QuestionDto {
  @IsOmittable()
  @IsNested(() => PeriodDto)
  period: PeriodDto = new PeriodDto();
}

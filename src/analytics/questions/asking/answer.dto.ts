import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { AttributionResultDto } from '../attribution/attribution-result.dto.js';
import type { LimitDto } from '../definitions/limit.dto.js';
import { QUESTION_KINDS, type QuestionKind } from '../definitions/question.dto.js';
import { FunnelResultDto, TimeToConvertResultDto } from '../funnels/funnel-result.dto.js';
import { RetentionResultDto, RevenueRetentionResultDto } from '../retention/retention-result.dto.js';
import { TrendsResultDto } from '../trends/trends-result.dto.js';

const RESULTS = [
  TrendsResultDto,
  FunnelResultDto,
  TimeToConvertResultDto,
  RetentionResultDto,
  RevenueRetentionResultDto,
  AttributionResultDto,
];

/** The answer to a question, with all that is needed to read it later. */
@ApiExtraModels(...RESULTS)
export class AnswerDto {
  @ApiProperty({ enum: QUESTION_KINDS })
  kind: QuestionKind;
  /** The name of a saved question; null for one that is not saved. */
  name: string | null;
  /** The version of a saved question. */
  version: number | null;
  /** The whole definition, with all defaults. */
  definition: object;
  /** The time zone in which hours, days and weeks begin. */
  zone: string;
  /** All events that were stored at this time are counted, and none later. */
  asOf: Date;
  /** How old the answer is. Events that arrived since are counted by the next refresh. */
  ageSeconds: number;
  /** The first moment of the period; null for questions without one. */
  from: Date | null;
  /** The end of the period, which is not part of it. */
  to: Date | null;
  /**
   * Events before this moment are not stored (any more), and so not counted, also where the period begins earlier or a
   * question asks for the first event of a person. Null for questions about milestones and revenue.
   */
  eventsKeptSince: Date | null;
  /**
   * All limits that changed the answer, with events that have no user (yet) and events of erased persons. Nothing else is
   * left out.
   */
  limits: LimitDto[];
  /** What was found; `kind` decides about its fields. */
  @ApiProperty({ anyOf: RESULTS.map((result) => ({ $ref: getSchemaPath(result) })) })
  result: object;
}

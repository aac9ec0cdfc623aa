import { ApiProperty } from '@nestjs/swagger';
import { QUESTION_KINDS, type QuestionKind } from './question.dto.js';

/** A limit that changed an answer. */
export class LimitDto {
  /** Its name, for machines. */
  limit: string;
  max: number;
  /** How many there are without the limit. */
  found: number;
  /** What the limit did, in words. */
  effect: string;
}

/** The answer to a question, with all that is needed to read it later. */
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
  /** All limits that changed the answer. Nothing else is left out. */
  limits: LimitDto[];
  /** What was found; `kind` decides about its fields. */
  result: object;
}

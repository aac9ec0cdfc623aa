import { ApiProperty } from '@nestjs/swagger';
import { Type as Transform } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { AskDto } from '../definitions/any-question.dto.js';
import { QUESTION_KINDS, type QuestionKind } from '../definitions/question.dto.js';

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const NAME_RULE = 'name must have 1 to 64 characters: a-z, 0-9, - and _';

/** A question to keep. */
export class SaveQuestionDto extends AskDto {
  /** Its name in paths. A name that is in use gets a new version. */
  @Matches(NAME, { message: NAME_RULE })
  name: string;
}

export class QuestionParams {
  /** The name of the question. */
  @Matches(NAME, { message: NAME_RULE })
  name: string;
}

export class SavedAnswerQuery {
  /** The version of the definition. Default: the newest. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  @Transform(() => Number)
  version?: number;
}

/** A version of a question. */
export class QuestionVersionDto {
  version: number;
  /** The whole definition, with all defaults. */
  definition: object;
  /** The name of the API key that saved it. */
  createdBy: string | null;
  createdAt: Date;
}

export class SavedQuestionDto {
  name: string;
  /** A page, the newest first. */
  versions: QuestionVersionDto[];
  /** Pass as `cursor` for older versions; null on the last page. */
  nextCursor: string | null;
}

export class QuestionSummaryDto {
  id: string;
  name: string;
  @ApiProperty({ enum: QUESTION_KINDS })
  kind: QuestionKind;
  /** The newest version. */
  version: number;
  /** When the newest version was saved. */
  savedAt: Date;
}

export class QuestionPageDto {
  items: QuestionSummaryDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { type ClassConstructor, Type } from 'class-transformer';
import { IsDefined, IsObject, ValidateNested } from 'class-validator';
import { AttributionDto } from './attribution.dto.js';
import { FunnelDto, MilestoneFunnelDto, TimeToConvertDto } from './funnel.dto.js';
import { QuestionDto, type QuestionKind } from './question.dto.js';
import { RetentionDto, RevenueRetentionDto } from './retention.dto.js';
import { TrendsDto } from './trends.dto.js';

/** The definition of each kind of question. */
export interface Questions {
  trends: TrendsDto;
  funnel: FunnelDto;
  milestone_funnel: MilestoneFunnelDto;
  time_to_convert: TimeToConvertDto;
  retention: RetentionDto;
  revenue_retention: RevenueRetentionDto;
  attribution: AttributionDto;
}

export type AnyQuestion = Questions[QuestionKind];

export const QUESTION_CLASSES: { [K in QuestionKind]: ClassConstructor<Questions[K]> } = {
  trends: TrendsDto,
  funnel: FunnelDto,
  milestone_funnel: MilestoneFunnelDto,
  time_to_convert: TimeToConvertDto,
  retention: RetentionDto,
  revenue_retention: RevenueRetentionDto,
  attribution: AttributionDto,
};

/** A question that is asked at once. */
@ApiExtraModels(...Object.values(QUESTION_CLASSES))
export class AskDto {
  /** What is asked. */
  @ApiProperty({
    oneOf: Object.values(QUESTION_CLASSES).map((question) => ({ $ref: getSchemaPath(question) })),
  })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => QuestionDto, {
    keepDiscriminatorProperty: true,
    discriminator: {
      property: 'kind',
      subTypes: Object.entries(QUESTION_CLASSES).map(([name, value]) => ({ name, value })),
    },
  })
  definition: AnyQuestion;
}

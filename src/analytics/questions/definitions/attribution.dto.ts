import { IsInt, Max, Min } from 'class-validator';
import { PeriodQuestionDto } from './question.dto.js';

/** The sources of the persons whose first customer was created in the period: by first touch, last touch and linear. */
export class AttributionDto extends PeriodQuestionDto {
  declare kind: 'attribution';

  /** For how many days before the creation touches count. */
  @IsInt()
  @Min(1)
  @Max(365)
  lookbackDays: number = 90;
}

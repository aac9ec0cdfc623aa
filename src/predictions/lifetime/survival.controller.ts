import { Get, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { CohortQuery, SurvivalDto } from './lifetime.dto.js';
import { Lifetimes } from './lifetimes.service.js';

@AdminController('survival')
export class SurvivalController {
  constructor(private readonly lifetimes: Lifetimes) {}

  @Get()
  @ApiOperation({ summary: 'How many of the customers of each cohort stay for how long' })
  @ApiOkResponse({ description: 'One curve per cohort, oldest first', type: SurvivalDto })
  @ApiBadRequestResponse({ description: 'No such month', type: ProblemDetails })
  get(@Query() { cohort }: CohortQuery): Promise<SurvivalDto> {
    return this.lifetimes.survival(cohort);
  }
}

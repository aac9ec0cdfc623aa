import { Get, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { LifetimeQuery, LifetimesDto } from './lifetime.dto.js';
import { Lifetimes } from './lifetimes.service.js';

@AdminController('lifetime-value')
export class LifetimesController {
  constructor(private readonly lifetimes: Lifetimes) {}

  @Get()
  @ApiOperation({ summary: 'The expected further payments of the customers of each cohort' })
  @ApiOkResponse({ description: 'One entry per cohort, oldest first', type: LifetimesDto })
  @ApiBadRequestResponse({ description: 'No such month, or a bad discount', type: ProblemDetails })
  get(@Query() query: LifetimeQuery): Promise<LifetimesDto> {
    return this.lifetimes.lifetimes(query);
  }
}

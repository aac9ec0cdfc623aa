import { Get, Param, Query } from '@nestjs/common';
import {
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiServiceUnavailableResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ExperimentResultsDto, ResultsQuery } from './experiment-results.dto.js';
import { ExperimentResults } from './experiment-results.service.js';

@AdminController('experiments')
export class ExperimentResultsController {
  constructor(private readonly results: ExperimentResults) {}

  @Get(':name/results')
  @ApiParam({ name: 'name', description: 'Name of the experiment', example: 'short-welcome' })
  @ApiOperation({ summary: 'How the arms of an experiment compare, for each goal and guardrail' })
  @ApiOkResponse({
    description: 'The results at the end of the day, and of the days before',
    type: ExperimentResultsDto,
  })
  @ApiNotFoundResponse({ description: 'No such experiment', type: ProblemDetails })
  @ApiUnprocessableEntityResponse({ description: 'It took too long', type: ProblemDetails })
  @ApiServiceUnavailableResponse({
    description: 'Too many questions wait, or the database is not available',
    type: ProblemDetails,
  })
  answer(@Param('name') name: string, @Query() query: ResultsQuery): Promise<ExperimentResultsDto> {
    return this.results.answer(name, query);
  }
}

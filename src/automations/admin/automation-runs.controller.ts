import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { RunPageDto, RunsQuery, RunWithStepsDto, StartAutomationDto } from './automation.dto.js';
import { AutomationRuns } from './automation-runs.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the automation', example: 'at-risk' });
const ID = ApiParam({ name: 'id', description: 'Id of the run' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such run', type: ProblemDetails });

@AdminController('automations')
export class AutomationRunsController {
  constructor(private readonly runs: AutomationRuns) {}

  @Get('runs/:id')
  @ID
  @ApiOperation({ summary: 'One run with the steps that have ended' })
  @ApiOkResponse({ description: 'The run', type: RunWithStepsDto })
  @UNKNOWN
  get(@Param('id', ParseUUIDPipe) id: string): Promise<RunWithStepsDto> {
    return this.runs.get(id);
  }

  @Post('runs/:id/cancel')
  @HttpCode(HttpStatus.OK)
  @ID
  @ApiOperation({ summary: 'Stop a run', description: 'What it has caused stays.' })
  @ApiOkResponse({ description: 'The run', type: RunWithStepsDto })
  @ApiConflictResponse({ description: 'It has ended', type: ProblemDetails })
  @UNKNOWN
  cancel(@Param('id', ParseUUIDPipe) id: string): Promise<RunWithStepsDto> {
    return this.runs.cancel(id);
  }

  @Post('runs/:id/retry')
  @HttpCode(HttpStatus.OK)
  @ID
  @ApiOperation({
    summary: 'Continue a run that has failed',
    description: 'It goes on at the step that failed, by its own version of the automation.',
  })
  @ApiOkResponse({ description: 'The run', type: RunWithStepsDto })
  @ApiConflictResponse({
    description: 'It has not failed, or it failed before its first step, because its `if` is broken',
    type: ProblemDetails,
  })
  @UNKNOWN
  retry(@Param('id', ParseUUIDPipe) id: string): Promise<RunWithStepsDto> {
    return this.runs.retry(id);
  }

  @Get(':name/runs')
  @NAME
  @ApiOperation({ summary: 'List the runs of an automation, newest first' })
  @ApiOkResponse({ description: 'A page of runs', type: RunPageDto })
  @ApiNotFoundResponse({ description: 'No such automation', type: ProblemDetails })
  list(@Param('name') name: string, @Query() query: RunsQuery): Promise<RunPageDto> {
    return this.runs.list(name, query);
  }

  @Post(':name/start')
  @NAME
  @ApiOperation({
    summary: 'Start an automation for a customer',
    description: 'It is possible for automations with any trigger. The `if` of the automation applies.',
  })
  @ApiCreatedResponse({ description: 'The run', type: RunWithStepsDto })
  @ApiNotFoundResponse({ description: 'No such automation or customer', type: ProblemDetails })
  @ApiConflictResponse({
    description: 'The automation is disabled, the customer does not pass, or has passed through already',
    type: ProblemDetails,
  })
  start(
    @Param('name') name: string,
    @Body() { stripeCustomerId }: StartAutomationDto,
  ): Promise<RunWithStepsDto> {
    return this.runs.start(name, stripeCustomerId);
  }
}

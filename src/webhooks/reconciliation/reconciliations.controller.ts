import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { PageQuery } from '../../platform/http/page.dto.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import {
  ReconciliationDto,
  ReconciliationFindingPageDto,
  ReconciliationPageDto,
  StartReconciliationDto,
} from './reconciliation.dto.js';
import { ReconciliationsService } from './reconciliations.service.js';

const ID = { name: 'id', description: 'Id of the reconciliation' };
const NOT_FOUND = { description: 'No such reconciliation', type: ProblemDetails };

@AdminController('reconciliations')
export class ReconciliationsController {
  constructor(private readonly reconciliations: ReconciliationsService) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: "Compare Stripe's events and customers with ours, and repair the differences in a job",
  })
  @ApiAcceptedResponse({ description: 'The reconciliation, just started', type: ReconciliationDto })
  @ApiBadRequestResponse({ description: 'Bad range', type: ProblemDetails })
  @ApiConflictResponse({ description: 'One is running, or there is no Stripe key', type: ProblemDetails })
  start(@Body() { since, notify, dryRun }: StartReconciliationDto): Promise<ReconciliationDto> {
    const request = { since: since ?? null, notify: notify === 'all', dryRun };
    return this.reconciliations.start(request, 'admin_api');
  }

  @Get()
  @ApiOperation({ summary: 'List reconciliations, newest first' })
  @ApiOkResponse({ description: 'A page of reconciliations', type: ReconciliationPageDto })
  list(@Query() query: PageQuery): Promise<ReconciliationPageDto> {
    return this.reconciliations.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One reconciliation with its report' })
  @ApiParam(ID)
  @ApiOkResponse({ description: 'The reconciliation', type: ReconciliationDto })
  @ApiNotFoundResponse(NOT_FOUND)
  get(@Param('id', ParseUUIDPipe) id: string): Promise<ReconciliationDto> {
    return this.reconciliations.get(id);
  }

  @Get(':id/findings')
  @ApiOperation({ summary: 'The findings, newest first; the first 1000 are kept' })
  @ApiParam(ID)
  @ApiOkResponse({ description: 'A page of findings', type: ReconciliationFindingPageDto })
  @ApiNotFoundResponse(NOT_FOUND)
  listFindings(
    @Param('id', ParseUUIDPipe) id: string,
    @Query() query: PageQuery,
  ): Promise<ReconciliationFindingPageDto> {
    return this.reconciliations.listFindings(id, query);
  }

  @Post(':id/resume')
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({ summary: 'Continue an incomplete one from its position' })
  @ApiParam(ID)
  @ApiAcceptedResponse({ description: 'The reconciliation, running', type: ReconciliationDto })
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse({ description: 'It is complete, or another one is running', type: ProblemDetails })
  resume(@Param('id', ParseUUIDPipe) id: string): Promise<ReconciliationDto> {
    return this.reconciliations.resume(id, 'admin_api');
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Stop one after its current page; finished work is kept' })
  @ApiParam(ID)
  @ApiOkResponse({ description: 'The reconciliation, cancelled', type: ReconciliationDto })
  @ApiNotFoundResponse(NOT_FOUND)
  @ApiConflictResponse({ description: 'It has ended already', type: ProblemDetails })
  cancel(@Param('id', ParseUUIDPipe) id: string): Promise<ReconciliationDto> {
    return this.reconciliations.cancel(id);
  }
}

import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post } from '@nestjs/common';
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
import { BackfillDto, StartBackfillDto } from './backfill.dto.js';
import { ConnectorBackfills } from './connector-backfills.service.js';

const NAME = ApiParam({ name: 'name', description: 'Name of the connector', example: 'crm' });
const ID = ApiParam({ name: 'id', description: 'Id of the backfill' });
const UNKNOWN = ApiNotFoundResponse({ description: 'No such connector or backfill', type: ProblemDetails });

@AdminController('connectors')
export class BackfillsController {
  constructor(private readonly backfills: ConnectorBackfills) {}

  @Get(':name/backfills')
  @NAME
  @ApiOperation({ summary: 'List the backfills of a connector, newest first' })
  @ApiOkResponse({ description: 'At most 100 backfills', type: [BackfillDto] })
  @UNKNOWN
  list(@Param('name') name: string): Promise<BackfillDto[]> {
    return this.backfills.list(name);
  }

  @Post(':name/backfills')
  @NAME
  @ApiOperation({
    summary: 'Bring the persons of all customers to a connector',
    description:
      'They yield to what happens now. Persons whose fields are unchanged are not sent again, unless `force` asks for it.',
  })
  @ApiCreatedResponse({ description: 'The backfill', type: BackfillDto })
  @ApiConflictResponse({
    description: 'It is disabled, sends no persons, or a backfill is running',
    type: ProblemDetails,
  })
  @UNKNOWN
  start(@Param('name') name: string, @Body() { force }: StartBackfillDto): Promise<BackfillDto> {
    return this.backfills.start(name, force);
  }

  @Post(':name/backfills/:id/cancel')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ID
  @ApiOperation({ summary: 'Stop queueing', description: 'What is queued stays queued.' })
  @ApiOkResponse({ description: 'The backfill', type: BackfillDto })
  @ApiConflictResponse({ description: 'It has ended', type: ProblemDetails })
  @UNKNOWN
  cancel(@Param('name') name: string, @Param('id', ParseUUIDPipe) id: string): Promise<BackfillDto> {
    return this.backfills.cancel(name, id);
  }

  @Post(':name/backfills/:id/resume')
  @HttpCode(HttpStatus.OK)
  @NAME
  @ID
  @ApiOperation({ summary: 'Go on with a cancelled backfill' })
  @ApiOkResponse({ description: 'The backfill', type: BackfillDto })
  @ApiConflictResponse({ description: 'It is complete, or a backfill is running', type: ProblemDetails })
  @UNKNOWN
  resume(@Param('name') name: string, @Param('id', ParseUUIDPipe) id: string): Promise<BackfillDto> {
    return this.backfills.resume(name, id);
  }
}

import { HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { Requires } from '../../platform/access/requires.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { ConnectorAccountAcceptance } from './connector-account.service.js';

@AdminController('connectors')
export class ConnectorAccountController {
  constructor(private readonly acceptance: ConnectorAccountAcceptance) {}

  @Post(':name/accept-account')
  @Requires('admin')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiParam({ name: 'name', description: 'Name of the connector', example: 'crm' })
  @ApiOperation({
    summary: 'Go on with another account of the system',
    description:
      'For a connector with the fault `account changed`. All ids of the old account are deleted here, so that a backfill writes every person again. Persons in the old account cannot be erased from here any more.',
  })
  @ApiNoContentResponse({ description: 'The next delivery goes to the new account' })
  @ApiNotFoundResponse({ description: 'No such connector', type: ProblemDetails })
  @ApiConflictResponse({
    description: 'It has found no other account, or a delivery is under way',
    type: ProblemDetails,
  })
  accept(@Param('name') name: string): Promise<void> {
    return this.acceptance.accept(name);
  }
}

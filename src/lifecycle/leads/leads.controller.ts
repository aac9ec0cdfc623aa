import { Get, Query } from '@nestjs/common';
import { ApiBadRequestResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { LeadsPageDto, LeadsQuery } from './lead.dto.js';
import { Leads } from './leads.service.js';

@AdminController('lifecycle')
export class LeadsController {
  constructor(private readonly leads: Leads) {}

  @Get('leads')
  @ApiOperation({
    summary:
      'The MINGUS users without a customer, in the order of their ids, with the milestones reported of them',
    description: 'A user whose customer was deleted in Stripe is no lead.',
  })
  @ApiOkResponse({ description: 'A page of users', type: LeadsPageDto })
  @ApiBadRequestResponse({ description: 'The cursor is no id of a user', type: ProblemDetails })
  list(@Query() query: LeadsQuery): Promise<LeadsPageDto> {
    return this.leads.list(query);
  }
}

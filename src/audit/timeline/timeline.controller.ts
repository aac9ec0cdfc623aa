import { Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { TimelinePageDto, TimelineQuery } from './timeline.dto.js';
import { Timeline } from './timeline.service.js';

@AdminController('customers')
export class TimelineController {
  constructor(private readonly timeline: Timeline) {}

  @Get(':stripeCustomerId/timeline')
  @ApiOperation({
    summary: 'The timeline of a customer, newest first',
    description:
      'Events with their decisions, messages with each attempt, lifecycle, portal and acts of operators. `isSetUp` is false if no event has set up the customer.',
  })
  @ApiParam({
    name: 'stripeCustomerId',
    description: "Stripe's id of the customer",
    example: 'cus_NffrFeUfNV2Hib',
  })
  @ApiOkResponse({ description: 'A page of the timeline', type: TimelinePageDto })
  @ApiNotFoundResponse({
    description: 'No such customer, and no event about it',
    type: ProblemDetails,
  })
  list(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Query() query: TimelineQuery,
  ): Promise<TimelinePageDto> {
    return this.timeline.list(stripeCustomerId, query);
  }
}

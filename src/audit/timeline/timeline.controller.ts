import { Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { AdminController } from '../../platform/http/admin-controller.decorator.js';
import { ProblemDetails } from '../../platform/http/problem-details.filter.js';
import { TimelinePageDto, TimelineQuery } from './timeline.dto.js';
import { Timeline } from './timeline.service.js';

@AdminController('customers')
export class TimelineController {
  constructor(private readonly timeline: Timeline) {}

  @Get(':stripeCustomerId/timeline')
  @ApiOperation({
    summary: 'All that happened to a customer, newest first',
    description:
      'Events with their decisions, messages with each try, lifecycle, portal and acts of operators.',
  })
  @ApiParam({
    name: 'stripeCustomerId',
    description: "Stripe's id of the customer",
    example: 'cus_NffrFeUfNV2Hib',
  })
  @ApiOkResponse({ description: 'A page of the timeline', type: TimelinePageDto })
  @ApiNotFoundResponse({ description: 'No such customer', type: ProblemDetails })
  list(
    @Param('stripeCustomerId') stripeCustomerId: string,
    @Query() query: TimelineQuery,
  ): Promise<TimelinePageDto> {
    return this.timeline.list(stripeCustomerId, query);
  }
}

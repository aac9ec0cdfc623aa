import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiBadGatewayResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { EventLinkDto, LinkEventDto } from './event-link.dto.js';
import { EventLinksService } from './event-links.service.js';

@AdminController('webhook-events')
export class EventLinkController {
  constructor(private readonly links: EventLinksService) {}

  @Post(':stripeEventId/link')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary:
      'Decide an unmatched or pending event as if it named this user, then the other waiting events of its customer',
  })
  @ApiParam({
    name: 'stripeEventId',
    description: "Stripe's id of the event",
    example: 'evt_1MqLN82eZvKYlo2CP9h',
  })
  @ApiOkResponse({ description: 'What changed', type: EventLinkDto })
  @ApiNotFoundResponse({ description: 'No such event, or no such user', type: ProblemDetails })
  @ApiConflictResponse({
    description: 'The event waits for no user, its body is not kept, or its customer belongs to another user',
    type: ProblemDetails,
  })
  @ApiBadGatewayResponse({
    description: 'The customer of a thin event could not be fetched from Stripe',
    type: ProblemDetails,
  })
  link(
    @Param('stripeEventId') stripeEventId: string,
    @Body() { userId }: LinkEventDto,
  ): Promise<EventLinkDto> {
    return this.links.link(stripeEventId, userId);
  }
}

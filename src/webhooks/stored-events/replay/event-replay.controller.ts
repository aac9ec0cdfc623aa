import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { EventReplayDto, ReplayEventDto } from './event-replay.dto.js';
import { EventReplayer } from './event-replayer.service.js';

@AdminController('webhook-events')
export class EventReplayController {
  constructor(private readonly replayer: EventReplayer) {}

  @Post(':stripeEventId/replay')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Decide an event again; for a created one, repair what is missing of its customer',
  })
  @ApiParam({
    name: 'stripeEventId',
    description: "Stripe's id of the event",
    example: 'evt_1MqLN82eZvKYlo2CP9h',
  })
  @ApiOkResponse({ description: 'What changed, or would change', type: EventReplayDto })
  @ApiNotFoundResponse({ description: 'No such event', type: ProblemDetails })
  @ApiConflictResponse({ description: 'The body of the event is not kept', type: ProblemDetails })
  replay(
    @Param('stripeEventId') stripeEventId: string,
    @Body() { dryRun }: ReplayEventDto,
  ): Promise<EventReplayDto> {
    return this.replayer.replay(stripeEventId, { dryRun });
  }
}

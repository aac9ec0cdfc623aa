import { Body, Get, HttpCode, HttpStatus, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { PageQuery } from '../../../platform/http/page.dto.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import {
  StartReplayDto,
  WebhookEventReplayDto,
  WebhookEventReplayPageDto,
} from './webhook-event-replay.dto.js';
import { WebhookEventReplaysService } from './webhook-event-replays.service.js';

const REPLAY_ID = { name: 'id', description: 'Id of the replay' };

@AdminController('webhook-event-replays')
export class WebhookEventReplaysController {
  constructor(private readonly replays: WebhookEventReplaysService) {}

  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @ApiOperation({
    summary: 'Replay all events that match a filter, one after the other, in a job',
  })
  @ApiAcceptedResponse({ description: 'The replay, just started', type: WebhookEventReplayDto })
  start(@Body() request: StartReplayDto): Promise<WebhookEventReplayDto> {
    return this.replays.start(request);
  }

  @Get()
  @ApiOperation({ summary: 'List replays, newest first' })
  @ApiOkResponse({ description: 'A page of replays', type: WebhookEventReplayPageDto })
  list(@Query() query: PageQuery): Promise<WebhookEventReplayPageDto> {
    return this.replays.list(query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One replay with its progress' })
  @ApiParam(REPLAY_ID)
  @ApiOkResponse({ description: 'The replay', type: WebhookEventReplayDto })
  @ApiNotFoundResponse({ description: 'No such replay', type: ProblemDetails })
  get(@Param('id', ParseUUIDPipe) id: string): Promise<WebhookEventReplayDto> {
    return this.replays.get(id);
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Stop a replay after its current event; finished work is kept' })
  @ApiParam(REPLAY_ID)
  @ApiOkResponse({ description: 'The replay, cancelled', type: WebhookEventReplayDto })
  @ApiNotFoundResponse({ description: 'No such replay', type: ProblemDetails })
  @ApiConflictResponse({ description: 'It has ended already', type: ProblemDetails })
  cancel(@Param('id', ParseUUIDPipe) id: string): Promise<WebhookEventReplayDto> {
    return this.replays.cancel(id);
  }
}

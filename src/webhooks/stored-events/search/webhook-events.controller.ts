import { Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { AdminController } from '../../../platform/access/admin-controller.decorator.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { findPage } from '../../../platform/http/page.dto.js';
import { ProblemDetails } from '../../../platform/http/problem-details.filter.js';
import { EventFinder } from './event-finder.service.js';
import { WebhookEventPageDto, WebhookEventsQuery, WebhookEventWithBodyDto } from './webhook-event.dto.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';

@AdminController('webhook-events')
export class WebhookEventsController {
  constructor(
    private readonly finder: EventFinder,
    @InjectRepository(WebhookEvent) private readonly events: Repository<WebhookEvent>,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List received events, newest first' })
  @ApiOkResponse({ description: 'A page of events, without their bodies', type: WebhookEventPageDto })
  async list(@Query() query: WebhookEventsQuery): Promise<WebhookEventPageDto> {
    const conditions = await this.finder.conditionsOf(query);
    return findPage(this.events, query, conditions, ['body', 'email']);
  }

  @Get(':stripeEventId')
  @ApiOperation({ summary: 'One event with its raw body' })
  @ApiParam({
    name: 'stripeEventId',
    description: "Stripe's id of the event",
    example: 'evt_1MqLN82eZvKYlo2CP9h',
  })
  @ApiOkResponse({ description: 'The event', type: WebhookEventWithBodyDto })
  @ApiNotFoundResponse({ description: 'No such event', type: ProblemDetails })
  async get(@Param('stripeEventId') stripeEventId: string): Promise<WebhookEventWithBodyDto> {
    const event = await this.events.findOneBy({ stripeEventId });
    if (!event) throw new DomainError('webhook_event_not_found', `No webhook event ${stripeEventId}`);
    return event;
  }
}

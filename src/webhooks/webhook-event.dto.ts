import { IntersectionType } from '@nestjs/swagger';
import { Type as Transform } from 'class-transformer';
import { IsDate, IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { PageQuery } from '../platform/http/page.dto.js';
import { EVENT_OUTCOMES, type EventOutcome } from './decision/event-outcome.js';
import type { EventFilter } from './replay/event-filter.js';

/** Which events are meant: those that meet all conditions given. */
export class EventFilterDto implements EventFilter {
  /** Only events with this outcome. */
  @IsOptional()
  @IsIn(EVENT_OUTCOMES)
  outcome?: EventOutcome;

  /** Only events of this Stripe type. */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  type?: string;

  /** Only events with this error code. */
  @IsOptional()
  @Matches(/^[a-z_]{1,64}$/)
  errorCode?: string;

  /** Only events received at or after this time (ISO 8601). */
  @IsOptional()
  @Transform(() => Date)
  @IsDate()
  receivedFrom?: Date;

  /** Only events received before this time (ISO 8601). */
  @IsOptional()
  @Transform(() => Date)
  @IsDate()
  receivedBefore?: Date;
}

/** The list of webhook events: a page of those that meet the conditions. */
export class WebhookEventsQuery extends IntersectionType(PageQuery, EventFilterDto) {}

/** A received event with the decision made about it. */
export class WebhookEventDto {
  /** Cursor of this entry in lists. */
  id: string;
  stripeEventId: string;
  type: string;
  livemode: boolean | null;
  /** API version the event was rendered with. */
  apiVersion: string | null;
  /** Connect account. */
  account: string | null;
  /** Stripe's request that caused the event; null for the Dashboard and automatic processes. */
  requestId: string | null;
  stripeCreatedAt: Date | null;
  outcome: EventOutcome;
  /** Why it was not `created`. */
  errorCode: string | null;
  errorMessage: string | null;
  stripeCustomerId: string | null;
  mingusUserId: string | null;
  /** The customer it created, or the one it is a duplicate of. */
  customerId: string | null;
  /** The reconciliation that found it; null when Stripe delivered it. */
  reconciliationId: string | null;
  /** Whether people are told of what it means for them. */
  notify: boolean;
  receivedAt: Date;
  decidedAt: Date;
}

/** An event with its raw body as received; null where it was not kept. */
export class WebhookEventWithBodyDto extends WebhookEventDto {
  body: string | null;
}

export class WebhookEventPageDto {
  items: WebhookEventDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

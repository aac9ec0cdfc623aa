import { IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, Matches, MaxLength, MinLength } from 'class-validator';
import { IsTime } from '../../../platform/http/is-time.decorator.js';
import { PageQuery } from '../../../platform/http/page.dto.js';
import { EVENT_OUTCOMES, type EventOutcome } from '../../stripe/event-outcome.js';
import type { EventFilter, EventSearch } from './event-filter.js';

const IS_ID = Matches(/^[\x21-\x7e]{1,255}$/, {
  message: '$property must be printable, without spaces, at most 255 characters',
});

/** Selects the events that meet all given conditions. */
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

  /** Only events about this Stripe customer. */
  @IsOptional()
  @IS_ID
  stripeCustomerId?: string;

  /** Only events that name this MINGUS user, or are about one of the user's customers. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  userId?: string;

  /** Only events received at or after this time (ISO 8601). */
  @IsOptional()
  @IsTime()
  receivedFrom?: Date;

  /** Only events received before this time (ISO 8601). */
  @IsOptional()
  @IsTime()
  receivedBefore?: Date;
}

/** The query of the list of webhook events. */
export class WebhookEventsQuery
  extends IntersectionType(PageQuery, EventFilterDto)
  implements PageQuery, EventSearch
{
  /**
   * Only events about this address, in any spelling. It is compared with the present and the former addresses of
   * the customer. If the event led to no customer, or its customer has another address, it is compared with the
   * address in the event, valid or not, as long as the body is kept.
   */
  @IsOptional()
  @IsString()
  @Length(1, 254)
  email?: string;

  /** Only the event with this Stripe id. */
  @IsOptional()
  @IS_ID
  stripeEventId?: string;
}

/** A received event with the decision about it. */
export class WebhookEventDto {
  /** Our id of the event, and its cursor in lists. */
  id: string;
  stripeEventId: string;
  type: string;
  livemode: boolean | null;
  /** The API version of the event. */
  apiVersion: string | null;
  /** Connect account. */
  account: string | null;
  /** The id of the Stripe request that caused the event; null for the Dashboard and automatic processes. */
  requestId: string | null;
  stripeCreatedAt: Date | null;
  outcome: EventOutcome;
  /** Why the event was not `created`. */
  errorCode: string | null;
  errorMessage: string | null;
  stripeCustomerId: string | null;
  mingusUserId: string | null;
  /** The customer it created, or the one it is a duplicate of. */
  customerId: string | null;
  /** The reconciliation that found it; null when Stripe delivered it. */
  reconciliationId: string | null;
  /** Whether the customer gets messages about the effect of the event. */
  notify: boolean;
  receivedAt: Date;
  /**
   * When the event was decided first; null while its object is being fetched, and for events older than this
   * column.
   */
  firstDecidedAt: Date | null;
  /** When the event was decided last. */
  decidedAt: Date;
}

/** An event with its raw body as received; null if the body is not kept. */
export class WebhookEventWithBodyDto extends WebhookEventDto {
  body: string | null;
  /** The address in the event, normalised for comparison; null if its customer has this address. */
  email: string | null;
}

export class WebhookEventPageDto {
  items: WebhookEventDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

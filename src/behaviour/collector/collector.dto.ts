import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CALLS, type Call } from './reading/collected-event.js';
import { REFUSALS, type RefusalCode } from './reading/event-refusal.js';

/** An event in the form of Segment's tracking API. Fields that are not named here are accepted and left out. */
export class TrackedEventDto {
  /** The id of the user in MINGUS, exactly as the table of users has it. At most 255 characters. */
  userId?: string | null;

  /** The id of a visitor who is not known (yet). An event needs one of the two. */
  anonymousId?: string | null;

  /** Names the event: repeated within 30 days for the same user (or visitor), it has no effect. At most 255 characters. */
  messageId?: string;

  /** Of a track: the name of the event, at most 200 characters. Names of this service's own facts are reserved. */
  event?: string;

  /** Of a page or screen: its name. */
  name?: string;

  /** Of a page or screen: its category. */
  category?: string;

  /** Of a group: its id. */
  groupId?: string;

  /** Of an alias: the anonymous id that is the user from now on. It is not stored with the event. */
  previousId?: string;

  @ApiPropertyOptional({ description: 'Of a track, page or screen', type: Object })
  properties?: Record<string, unknown>;

  @ApiPropertyOptional({ description: 'Of an identify or group', type: Object })
  traits?: Record<string, unknown>;

  /** Campaign, page, referrer, locale, time zone, library, app and type of device are stored, nothing else. */
  @ApiPropertyOptional({ type: Object })
  context?: Record<string, unknown>;

  @ApiPropertyOptional({ description: "When it happened, by the client's clock", format: 'date-time' })
  timestamp?: string;

  /** When the request was sent, by the same clock. It shows by how much that clock is wrong. */
  @ApiPropertyOptional({ format: 'date-time' })
  sentAt?: string;

  /** The write key, for clients that send no `Authorization`. */
  writeKey?: string;
}

/** An event of a batch. */
export class BatchedEventDto extends TrackedEventDto {
  @ApiProperty({ enum: CALLS })
  type: Call;
}

/** Events that are sent together. */
export class BatchDto {
  /** At most 2,500 events and 500 KB. */
  @ApiProperty({ type: [BatchedEventDto] })
  batch: BatchedEventDto[];

  /** When the batch was sent, by the clock of the client. */
  @ApiPropertyOptional({ format: 'date-time' })
  sentAt?: string;

  /** The write key, for clients that send no `Authorization`. */
  writeKey?: string;
}

/** An event of a batch that was not stored. Its fault is no fault of the others. */
export class RefusedEventDto {
  /** The place in the batch, from 0. */
  index: number;
  messageId: string | null;
  @ApiProperty({ enum: Object.keys(REFUSALS) })
  code: RefusalCode;
  /** The reason in words. */
  detail: string;
}

/** The events are committed, or were already. */
export class CollectedDto {
  @ApiProperty({ example: true })
  success: boolean;

  /** Events of a batch that were not stored; missing if there are none. */
  @ApiPropertyOptional({ type: [RefusedEventDto] })
  refused?: RefusedEventDto[];
}

import { Type as Transform } from 'class-transformer';
import {
  IsDate,
  IsIn,
  IsNotEmptyObject,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { EVENT_OUTCOMES, type EventOutcome } from '../decision/event-outcome.js';
import { ReplayEventDto } from './event-replay.dto.js';
import type { EventFilter } from './event-filter.js';
import type { ReplayReport, ReplayStatus } from './webhook-event-replay.entity.js';

/** Which events to replay: those that meet all conditions given. */
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

export class StartReplayDto extends ReplayEventDto {
  /** At least one condition. */
  @IsNotEmptyObject({ nullable: false }, { message: 'filter must hold at least one condition' })
  @ValidateNested()
  @Transform(() => EventFilterDto)
  filter: EventFilterDto;
}

/** A replay of many events with its progress. */
export class WebhookEventReplayDto {
  id: string;
  /** The conditions it was started with. */
  filter: Record<string, unknown>;
  dryRun: boolean;
  status: ReplayStatus;
  /** Events that matched when it was started. */
  total: number;
  /** Events dealt with so far; fewer than `total` in the end where others have changed events meanwhile. */
  done: number;
  /** Of those done: for which something changed, or with `dryRun` would change. */
  changed: number;
  /** Of those done: that could not be replayed, e.g. because their body is not kept. */
  failed: number;
  /** The event (our id) that was replayed last; it goes on after this one. */
  position: string | null;
  /** How many events had which outcome before and after: `{ "rejected": { "created": 2 } }`. */
  report: ReplayReport;
  createdAt: Date;
  finishedAt: Date | null;
}

export class WebhookEventReplayPageDto {
  items: WebhookEventReplayDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

import { Type as Transform } from 'class-transformer';
import { IsNotEmptyObject, ValidateNested } from 'class-validator';
import type { Caller } from '../../../platform/caller.js';
import { ReplayEventDto } from './event-replay.dto.js';
import { EventFilterDto } from '../search/webhook-event.dto.js';
import type { ReplayReport, ReplayStatus } from './webhook-event-replay.entity.js';

export class StartReplayDto extends ReplayEventDto {
  /** At least one condition. */
  @IsNotEmptyObject({ nullable: false }, { message: 'filter must hold at least one condition' })
  @ValidateNested()
  @Transform(() => EventFilterDto)
  filter: EventFilterDto;
}

/** The key that started a replay. */
export class ReplayStarterDto implements Caller {
  type: 'operator' | 'service';
  id: string;
  name: string;
  role: 'viewer' | 'operator' | 'admin' | 'service' | 'collector';
}

/** A replay of many events with its progress. */
export class WebhookEventReplayDto {
  id: string;
  /** The conditions of the replay. */
  filter: Record<string, unknown>;
  dryRun: boolean;
  status: ReplayStatus;
  /** The number of events that matched at the start. */
  total: number;
  /**
   * The number of events replayed so far. At the end it is below `total` if other requests changed events
   * during the replay.
   */
  done: number;
  /** The number of replayed events that changed something, or with `dryRun` would. */
  changed: number;
  /** The number of events that could not be replayed, e.g. because their body is not kept. */
  failed: number;
  /** Our id of the event that was replayed last. The replay continues after it. */
  position: string | null;
  /** The numbers of events by outcome before and after the replay: `{ "rejected": { "created": 2 } }`. */
  report: ReplayReport;
  /** Rows added or changed so far, by table; with `dryRun`, those that would be. */
  rows: Record<string, number>;
  /** Jobs enqueued, by task; with `dryRun`, those that would be. */
  jobs: Record<string, number>;
  /** Messages that users have got already, by `<kind>/<channel>`. They are not sent again. */
  suppressedNotifications: Record<string, number>;
  /** The key that started the replay. */
  startedBy?: ReplayStarterDto | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export class WebhookEventReplayPageDto {
  items: WebhookEventReplayDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

import { Type as Transform } from 'class-transformer';
import { IsNotEmptyObject, ValidateNested } from 'class-validator';
import { ReplayEventDto } from './event-replay.dto.js';
import { EventFilterDto } from '../webhook-event.dto.js';
import type { ReplayReport, ReplayStatus } from './webhook-event-replay.entity.js';

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
  /** Rows added or changed so far, by table; with `dryRun`, that would be. */
  rows: Record<string, number>;
  /** Jobs enqueued, by task; with `dryRun`, that would be. */
  jobs: Record<string, number>;
  /** Messages that users have been sent already, by `<kind>/<channel>`: they are not sent again. */
  suppressedNotifications: Record<string, number>;
  createdAt: Date;
  finishedAt: Date | null;
}

export class WebhookEventReplayPageDto {
  items: WebhookEventReplayDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

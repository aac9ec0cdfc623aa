import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { Caller } from '../../../platform/caller.js';
import type { EventOutcome } from '../../stripe/event-outcome.js';
import type { EventFilter } from '../search/event-filter.js';

export type ReplayStatus = 'running' | 'done' | 'cancelled' | 'failed';

/**
 * The numbers of events by outcome before and after the replay: `{ rejected: { created: 2, rejected: 1 } }`.
 */
export type ReplayReport = Partial<Record<EventOutcome, Partial<Record<EventOutcome, number>>>>;

/** A replay of all events that match a filter, with its progress. */
@Entity('webhook_event_replays')
@Check('ck_webhook_event_replays_status', `status in ('running', 'done', 'cancelled', 'failed')`)
export class WebhookEventReplay {
  /** The id of the replay, a UUID v7. Only events with a lower id, which are older, are replayed. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_webhook_event_replays' })
  id: string;

  @Column('jsonb')
  filter: EventFilter;

  @Column('boolean')
  dryRun: boolean;

  @Column('text')
  status: ReplayStatus;

  /** The number of events that matched at the start. */
  @Column('integer')
  total: number;

  @Column('integer')
  done: number;

  /** The number of replayed events that changed something. */
  @Column('integer')
  changed: number;

  /** The number of events that could not be replayed. */
  @Column('integer')
  failed: number;

  /** Our id of the event that was replayed last. The replay continues after it. */
  @Column('uuid', { nullable: true })
  position: string | null;

  @Column('jsonb')
  report: ReplayReport;

  /** Rows added or changed, by table. */
  @Column('jsonb', { default: {} })
  rows: Record<string, number>;

  /** Jobs enqueued, by task. */
  @Column('jsonb', { default: {} })
  jobs: Record<string, number>;

  /** Messages that users have got already and do not get again, by `<kind>/<channel>`. */
  @Column('jsonb', { default: {} })
  suppressedNotifications: Record<string, number>;

  /** The key that started the replay; null if a release before this column started it. */
  @Column('jsonb', { nullable: true })
  startedBy?: Caller | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}

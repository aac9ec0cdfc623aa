import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import type { EventOutcome } from '../decision/event-outcome.js';
import type { EventFilter } from './event-filter.js';

export type ReplayStatus = 'running' | 'done' | 'cancelled' | 'failed';

/** How many events had which outcome before and after: `{ rejected: { created: 2, rejected: 1 } }`. */
export type ReplayReport = Partial<Record<EventOutcome, Partial<Record<EventOutcome, number>>>>;

/** A replay of all events that match a filter, with how far it has come. */
@Entity('webhook_event_replays')
@Check('ck_webhook_event_replays_status', `status in ('running', 'done', 'cancelled', 'failed')`)
export class WebhookEventReplay {
  /** Events whose id is lower were there before: only those are replayed. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_webhook_event_replays' })
  id: string;

  @Column('jsonb')
  filter: EventFilter;

  @Column('boolean')
  dryRun: boolean;

  @Column('text')
  status: ReplayStatus;

  /** Events that matched when it was started. */
  @Column('integer')
  total: number;

  @Column('integer')
  done: number;

  /** Of those done: for which something changed. */
  @Column('integer')
  changed: number;

  /** Of those done: that could not be replayed. */
  @Column('integer')
  failed: number;

  /** The event (our id) that was replayed last; it goes on after this one. */
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

  /** Messages that users have had already and are not sent again, by `<kind>/<channel>`. */
  @Column('jsonb', { default: {} })
  suppressedNotifications: Record<string, number>;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}

import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/**
 * Something that happened to a customer, with the properties known at that time. A customer has any number of events
 * of one name, each with a cause of its own: a job that runs twice writes once.
 */
@Entity('analytics_events')
@Unique('uq_analytics_events_cause', ['customerId', 'name', 'stripeEventId'])
@Index('idx_analytics_events_occurred_at', ['occurredAt'])
export class AnalyticsEvent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_analytics_events' })
  id: string;

  @Column('text')
  name: string;

  /** The event of Stripe that caused it. */
  @Column('text')
  stripeEventId: string;

  @Column('uuid')
  customerId: string;

  @Column('text')
  userId: string;

  /** Acquisition source (`metadata.source`, `utm_source`, else `unknown`). */
  @Column('text')
  source: string;

  @Column('jsonb')
  properties: Record<string, unknown>;

  /** When it happened, by Stripe's time. */
  @Column('timestamptz')
  occurredAt: Date;

  /** When it was written down here. */
  @Column('timestamptz', { default: () => 'now()' })
  recordedAt: Date;
}

import { Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** Something a customer did, with the properties known at that time. */
@Entity('analytics_events')
@Unique('uq_analytics_events_name_customer_id', ['name', 'customerId'])
@Index('idx_analytics_events_occurred_at', ['occurredAt'])
export class AnalyticsEvent {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_analytics_events' })
  id: string;

  @Column('text')
  name: string;

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

  @Column('timestamptz')
  occurredAt: Date;
}

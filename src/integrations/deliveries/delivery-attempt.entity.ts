import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What came of an attempt. `unsendable`: nothing could be sent. `unknown` with `process_died`: so did its process. */
export type AttemptResult =
  | 'accepted'
  | 'unchanged'
  | 'rejected'
  | 'unsendable'
  | 'held'
  | 'retry'
  | 'unknown'
  | 'auth'
  | 'all_refused'
  | 'quota';

/** One attempt to make a delivery. It is kept for a shorter time than its delivery. */
@Entity('delivery_attempts')
@Index('idx_delivery_attempts_delivery_id', ['deliveryId'])
export class DeliveryAttempt {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_delivery_attempts' })
  id: string;

  @Column('uuid')
  deliveryId: string;

  @Column('text')
  result: AttemptResult;

  /** Why, in one word; null if it arrived. */
  @Column('text', { nullable: true })
  code: string | null;

  /** What the system answered, shortened, without secrets and personal data. */
  @Column('text', { nullable: true })
  detail: string | null;

  /** How long the batch took that the delivery was part of. */
  @Column('integer')
  durationMs: number;

  @Column('timestamptz')
  attemptedAt: Date;
}

import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { NotificationChannel, NotificationKind, NotificationStatus } from './notification-kind.js';

/** A message owed to a customer. `queued` until its job ends one way or the other. */
@Entity('notifications')
@Unique('uq_notifications_user_id_kind', ['userId', 'kind'])
@Index('idx_notifications_customer_id', ['customerId'])
@Check('ck_notifications_status', `status in ('queued', 'sent', 'failed', 'suppressed', 'held', 'cancelled')`)
export class Notification {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_notifications' })
  id: string;

  @Column('uuid')
  @ForeignKey('Customer', { name: 'fk_notifications_customer', onDelete: 'CASCADE' })
  customerId: string;

  @Column('text')
  userId: string;

  @Column('text')
  kind: NotificationKind;

  @Column('text')
  channel: NotificationChannel;

  @Column('text')
  status: NotificationStatus;

  /** Attempts that count towards giving up. */
  @Column('integer')
  attempts: number;

  /** When it is tried next; null once it has ended. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  /** Why it was not sent, in one word. */
  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}

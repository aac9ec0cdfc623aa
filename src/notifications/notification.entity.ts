import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { ChannelName, NotificationKind, NotificationStatus } from './notification-kind.js';

/** A message to a customer. It is `queued` until its job ends it. */
@Entity('notifications')
@Unique('uq_notifications_user_id_kind_channel', ['userId', 'kind', 'channel', 'occurrence'])
@Index('idx_notifications_customer_id', ['customerId'])
@Check('ck_notifications_status', `status in ('queued', 'sent', 'failed', 'suppressed', 'held', 'cancelled')`)
export class Notification {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_notifications' })
  id: string;

  @Column('uuid')
  @ForeignKey('Customer', { name: 'fk_notifications_customer', onDelete: 'CASCADE' })
  customerId: string;

  /**
   * Null if it was cancelled before it was sent, because its customer was unlinked. The user can get the kind
   * again.
   */
  @Column('text', { nullable: true })
  userId: string | null;

  @Column('text')
  kind: NotificationKind;

  @Column('text')
  channel: ChannelName;

  /** Empty for a kind that a user gets once. Otherwise it distinguishes messages of the same kind. */
  @Column('text', { default: '' })
  occurrence: string;

  @Column('text')
  status: NotificationStatus;

  /** Attempts since it was queued. Attempts that failed because of the channel do not count. */
  @Column('integer')
  attempts: number;

  /** How often an operator has sent it again after it was sent. Each repeat is a separate mail. */
  @Column('integer', { default: 0 })
  resends: number;

  /** The time of the next attempt; null if the notification has ended. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  /** A word for why it was not sent, or what it waits for. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** The version of the template that an experiment chose; null for the active one. */
  @Column('integer', { nullable: true })
  templateVersion: number | null;

  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;

  /**
   * Only for kinds that must not arrive twice: when the attempt in progress began. Null once the outcome is
   * known.
   */
  @Column('timestamptz', { nullable: true })
  handedOverAt: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}

/**
 * The changes of a queued notification whose customer was unlinked from the user: it is cancelled and has no
 * user.
 */
export function released(): Pick<
  Notification,
  'userId' | 'status' | 'reason' | 'nextAttemptAt' | 'updatedAt'
> {
  const updatedAt = new Date();
  return { userId: null, status: 'cancelled', reason: 'customer_unlinked', nextAttemptAt: null, updatedAt };
}

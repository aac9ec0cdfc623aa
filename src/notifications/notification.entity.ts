import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { ChannelName, NotificationKind, NotificationStatus } from './notification-kind.js';

/** A message owed to a customer. `queued` until its job ends one way or the other. */
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

  /** Null where it was cancelled unsent because its customer was unlinked: the user can have another one. */
  @Column('text', { nullable: true })
  userId: string | null;

  @Column('text')
  kind: NotificationKind;

  @Column('text')
  channel: ChannelName;

  /** Empty for what a user gets once, for ever; else tells one message of this kind from the next. */
  @Column('text', { default: '' })
  occurrence: string;

  @Column('text')
  status: NotificationStatus;

  /** Attempts since it was queued, without those whose failure was the channel's. */
  @Column('integer')
  attempts: number;

  /** How often an operator has sent it again after it had left: each time it is a mail of its own. */
  @Column('integer', { default: 0 })
  resends: number;

  /** When it is tried next; null once it has ended. */
  @Column('timestamptz', { nullable: true })
  nextAttemptAt: Date | null;

  /** Why it was not sent, or what it waits for, in one word. */
  @Column('text', { nullable: true })
  reason: string | null;

  @Column('timestamptz', { nullable: true })
  sentAt: Date | null;

  /** Of a kind that must not come twice: since when it is being handed over. Null once the outcome is known. */
  @Column('timestamptz', { nullable: true })
  handedOverAt: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;
}

/** What becomes of a queued notification whose customer has been taken from the user: nobody's, never sent. */
export function released(): Pick<
  Notification,
  'userId' | 'status' | 'reason' | 'nextAttemptAt' | 'updatedAt'
> {
  const updatedAt = new Date();
  return { userId: null, status: 'cancelled', reason: 'customer_unlinked', nextAttemptAt: null, updatedAt };
}

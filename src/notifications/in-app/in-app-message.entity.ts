import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { NotificationKind } from '../notification-kind.js';

/** A notification that MINGUS shows to its user. */
@Entity('in_app_messages')
@Index('idx_in_app_messages_user_id', ['userId', 'id'])
export class InAppMessage {
  /** The notification's id. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_in_app_messages' })
  @ForeignKey('Notification', { name: 'fk_in_app_messages_notification', onDelete: 'CASCADE' })
  id: string;

  /** Null while the customer has no user, or if its user has had a message of this kind already. */
  @Column('text', { nullable: true })
  userId: string | null;

  @Column('text')
  kind: NotificationKind;

  /** BCP 47: the language of title and body. */
  @Column('text')
  locale: string;

  @Column('text')
  title: string;

  /** Plain text. */
  @Column('text')
  body: string;

  @Column('timestamptz')
  createdAt: Date;

  /** Null if unread. */
  @Column('timestamptz', { nullable: true })
  readAt: Date | null;
}

import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

export type AttemptOutcome = 'accepted' | 'deferred' | 'refused' | 'channel_fault' | 'render_failed';

/** One try to hand a notification to the mail server. */
@Entity('notification_attempts')
@Index('idx_notification_attempts_notification_id', ['notificationId'])
export class NotificationAttempt {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_notification_attempts' })
  id: string;

  @Column('uuid')
  @ForeignKey('Notification', { name: 'fk_notification_attempts_notification', onDelete: 'CASCADE' })
  notificationId: string;

  @Column('text')
  outcome: AttemptOutcome;

  /** SMTP reply code, when the server gave one. */
  @Column('integer', { nullable: true })
  smtpCode: number | null;

  /** The mail client's error code (`ECONNECTION`, `EAUTH`, …). */
  @Column('text', { nullable: true })
  errorCode: string | null;

  @Column('integer')
  durationMs: number;

  @Column('timestamptz')
  attemptedAt: Date;
}

import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { SmtpPhase } from './email/smtp-dialogue.js';

/**
 * What came of a try: the message was accepted, put off, or refused; nobody knows (all was written, then the
 * connection broke); the channel cannot be reached, does not let us in, or asks us to slow down; or there was
 * no message.
 */
export type AttemptOutcome =
  | 'accepted'
  | 'deferred'
  | 'refused'
  | 'unknown'
  | 'unreachable'
  | 'channel_fault'
  | 'rate_limited'
  | 'render_failed';

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

  /** Enhanced status code (RFC 3463), when the server gave one. */
  @Column('text', { nullable: true })
  enhancedCode: string | null;

  /** The mail client's error code (`ECONNECTION`, `EAUTH`, …). */
  @Column('text', { nullable: true })
  errorCode: string | null;

  /** How far the SMTP dialogue got. */
  @Column('text', { nullable: true })
  phase: SmtpPhase | null;

  @Column('integer')
  durationMs: number;

  @Column('timestamptz')
  attemptedAt: Date;
}

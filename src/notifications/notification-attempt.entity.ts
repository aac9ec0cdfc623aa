import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/**
 * The outcome of an attempt: the message was accepted, deferred or refused; the outcome is unknown (all was
 * written, then the connection broke); the channel cannot be reached, rejects the login, or limits our rate;
 * or the message could not be rendered.
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

/**
 * How far the dialogue with the server got: no session yet, the envelope is being sent, the message is being
 * sent, all of it is written. After the last phase the server may have the message even without an answer.
 */
export type AttemptPhase = 'connect' | 'envelope' | 'data' | 'data_sent';

/** One attempt to deliver a notification. */
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

  /** SMTP reply code, if the server sent one. */
  @Column('integer', { nullable: true })
  smtpCode: number | null;

  /** Enhanced status code (RFC 3463), if the server sent one. */
  @Column('text', { nullable: true })
  enhancedCode: string | null;

  /** The mail client's error code (`ECONNECTION`, `EAUTH`, …). */
  @Column('text', { nullable: true })
  errorCode: string | null;

  /** How far the dialogue got; null if the channel has no dialogue. */
  @Column('text', { nullable: true })
  phase: AttemptPhase | null;

  @Column('integer')
  durationMs: number;

  @Column('timestamptz')
  attemptedAt: Date;
}

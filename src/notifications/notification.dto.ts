import { IsBoolean, IsIn, IsOptional, IsUUID } from 'class-validator';
import { PageQuery } from '../platform/http/page.dto.js';
import type { AttemptOutcome } from './notification-attempt.entity.js';
import {
  CHANNELS,
  NOTIFICATION_KINDS,
  NOTIFICATION_STATUSES,
  type ChannelName,
  type NotificationKind,
  type NotificationStatus,
} from './notification-kind.js';

/** Filters of the list of notifications. */
export class NotificationsQuery extends PageQuery {
  /** Only notifications with this status. */
  @IsOptional()
  @IsIn(NOTIFICATION_STATUSES)
  status?: NotificationStatus;

  /** Only notifications of this kind. */
  @IsOptional()
  @IsIn(NOTIFICATION_KINDS)
  kind?: NotificationKind;

  /** Only notifications through this channel. */
  @IsOptional()
  @IsIn(CHANNELS)
  channel?: ChannelName;

  /** Only notifications of this customer (our id). */
  @IsOptional()
  @IsUUID()
  customerId?: string;
}

/** Options of sending a notification again. */
export class ResendNotificationDto {
  /** Whether a notification that was sent is sent again. */
  @IsBoolean()
  force: boolean = false;
}

/** A message to a customer. */
export class NotificationDto {
  id: string;
  customerId: string;
  /** Null if it was cancelled before it was sent, because its customer was unlinked. */
  userId: string | null;
  kind: NotificationKind;
  channel: ChannelName;
  status: NotificationStatus;
  /** Attempts since it was queued. Attempts that failed because of the channel do not count. */
  attempts: number;
  /** The time of the next attempt; null if the notification has ended. */
  nextAttemptAt: Date | null;
  /** Why it was not sent, or what it waits for. */
  reason: string | null;
  /** The version of the template that an experiment chose, 0 for the built-in content; null for the active one. */
  templateVersion: number | null;
  /** When it was last sent. It keeps this time while it is being sent again. */
  sentAt: Date | null;
  /** Only for kinds in `HOLD_UNKNOWN_KINDS`: when the attempt in progress began. */
  handedOverAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** One attempt to deliver a notification. */
export class NotificationAttemptDto {
  outcome: AttemptOutcome;
  /** SMTP reply code, if the server sent one. */
  smtpCode: number | null;
  /** Enhanced status code (RFC 3463), if the server sent one. */
  enhancedCode: string | null;
  /** The mail client's error code. */
  errorCode: string | null;
  /** How far the SMTP dialogue got. */
  phase: 'connect' | 'envelope' | 'data' | 'data_sent' | null;
  durationMs: number;
  attemptedAt: Date;
}

export class NotificationWithAttemptsDto extends NotificationDto {
  /** All attempts, oldest first. */
  attemptLog: NotificationAttemptDto[];
}

export class NotificationPageDto {
  items: NotificationWithAttemptsDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

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
  /** Only notifications in this status. */
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

/** How a notification is to be sent again. */
export class ResendNotificationDto {
  /** Also one that was sent. */
  @IsBoolean()
  force: boolean = false;
}

/** A message owed to a customer. */
export class NotificationDto {
  id: string;
  customerId: string;
  /** Null where it was cancelled unsent because its customer was unlinked. */
  userId: string | null;
  kind: NotificationKind;
  channel: ChannelName;
  status: NotificationStatus;
  /** Attempts since it was queued, without those whose failure was the channel's. */
  attempts: number;
  /** When it is tried next; null once it has ended. */
  nextAttemptAt: Date | null;
  /** Why it was not sent, or what it waits for. */
  reason: string | null;
  /** When it was sent last; also while it is to be sent again. */
  sentAt: Date | null;
  /** Of a kind that must not come twice (`HOLD_UNKNOWN_KINDS`): since when it is being handed over. */
  handedOverAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** One try to hand a notification over. */
export class NotificationAttemptDto {
  outcome: AttemptOutcome;
  /** SMTP reply code, when the server gave one. */
  smtpCode: number | null;
  /** Enhanced status code (RFC 3463), when the server gave one. */
  enhancedCode: string | null;
  /** The mail client's error code. */
  errorCode: string | null;
  /** How far the SMTP dialogue got. */
  phase: 'connect' | 'envelope' | 'data' | 'data_sent' | null;
  durationMs: number;
  attemptedAt: Date;
}

export class NotificationWithAttemptsDto extends NotificationDto {
  /** Every try, oldest first. */
  attemptLog: NotificationAttemptDto[];
}

export class NotificationPageDto {
  items: NotificationWithAttemptsDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

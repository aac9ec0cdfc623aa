import { IsIn, IsOptional } from 'class-validator';
import { PageQuery } from '../../platform/http/page.dto.js';
import type { NotificationKind } from '../notification-kind.js';

/** Filters of a user's messages. */
export class InAppMessagesQuery extends PageQuery {
  /** `true`: only unread messages. `false`: only read messages. */
  @IsOptional()
  @IsIn(['true', 'false'])
  unread?: 'true' | 'false';
}

/** A message for MINGUS to show. */
export class InAppMessageDto {
  id: string;
  kind: NotificationKind;
  /** BCP 47. */
  locale: string;
  title: string;
  /** Plain text. */
  body: string;
  createdAt: Date;
  /** Null if unread. */
  readAt: Date | null;
}

export class InAppMessagePageDto {
  items: InAppMessageDto[];
  /** Pass as `cursor` for the next page; null on the last one. */
  nextCursor: string | null;
}

export class UnreadCountDto {
  count: number;
}

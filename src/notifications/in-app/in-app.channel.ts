import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import {
  type Attempt,
  DeliversChannel,
  type NotificationChannel,
  type Recipient,
} from '../channels/notification-channel.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';

/**
 * Stores the message in the table that MINGUS reads. A repeated attempt finds its row there. A message that
 * an operator sends again becomes unread. A lock on the notification prevents a conflict with an unlinking of
 * the customer.
 */
@Injectable()
@DeliversChannel('in_app')
export class InAppChannel implements NotificationChannel {
  readonly concurrency = 2;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async send(recipient: Recipient, message: RenderedMessage): Promise<Attempt> {
    const { notificationId, userId, kind, resends } = recipient;
    const { locale, subject: title, body } = message;
    const values = [notificationId, userId, kind, locale, title, body, resends > 0];
    const [row] = await this.dataSource.query<{ isOwed: boolean }[]>(PUT, values);
    return row?.isOwed ? { outcome: 'accepted' } : { outcome: 'refused', reason: 'ended' };
  }
}

/** Waits for the lock, then reads the notification as it is at that time. */
const PUT = `
  with owed as materialized (
    select id from notifications where id = $1 and user_id = $2 and status = 'queued' for share
  ), put as (
    insert into in_app_messages (id, user_id, kind, locale, title, body, created_at)
    select id, $2, $3, $4, $5, $6, now() from owed
    on conflict (id) do update
      set user_id = excluded.user_id, locale = excluded.locale, title = excluded.title, body = excluded.body,
        created_at = excluded.created_at, read_at = null
      where $7
  )
  select exists (select from owed) as "isOwed"`;

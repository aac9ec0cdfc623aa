import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { type Attempt, DeliversChannel, type NotificationChannel } from '../channels/notification-channel.js';
import type { Delivery } from '../delivery/delivery.queries.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { InAppMessage } from './in-app-message.entity.js';

/**
 * Puts the message where MINGUS reads it. Delivered is what is stored: a repeat finds its row there. What an
 * operator sends again is unread again. Whoever takes the customer from its user meanwhile waits, or is waited for.
 */
@Injectable()
@DeliversChannel('in_app')
export class InAppChannel implements NotificationChannel {
  constructor(@InjectRepository(InAppMessage) private readonly messages: Repository<InAppMessage>) {}

  async send({ id, user_id: userId, kind, resends }: Delivery, message: RenderedMessage): Promise<Attempt> {
    const { locale, subject: title, body } = message;
    const content = { userId, kind, locale, title, body };
    const row = { id, ...content, createdAt: new Date(), readAt: null };
    return inTransaction(this.messages.manager.connection, async (manager) => {
      const isOwed: unknown[] = await manager.query(STILL_OWED, [id, userId]);
      if (isOwed.length === 0) return { outcome: 'refused', reason: 'ended' };
      const insert = manager.createQueryBuilder().insert().into(InAppMessage).values(row);
      await (resends > 0 ? manager.upsert(InAppMessage, row, ['id']) : insert.orIgnore().execute());
      return { outcome: 'accepted' };
    });
  }
}

const STILL_OWED = `select from notifications where id = $1 and user_id = $2 and status = 'queued' for share`;

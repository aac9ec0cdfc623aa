import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type Attempt, DeliversChannel, type NotificationChannel } from '../channels/notification-channel.js';
import type { Delivery } from '../delivery/delivery.queries.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { InAppMessage } from './in-app-message.entity.js';

/**
 * Puts the message where MINGUS reads it. Delivered is what is stored: a repeat finds its row there. What an
 * operator sends again is unread again.
 */
@Injectable()
@DeliversChannel('in_app')
export class InAppChannel implements NotificationChannel {
  constructor(@InjectRepository(InAppMessage) private readonly messages: Repository<InAppMessage>) {}

  async send({ id, user_id: userId, kind, resends }: Delivery, message: RenderedMessage): Promise<Attempt> {
    const { locale, subject: title, body } = message;
    const content = { userId, kind, locale, title, body };
    const row = { id, ...content, createdAt: new Date(), readAt: null };
    if (resends > 0) await this.messages.upsert(row, ['id']);
    else await this.messages.createQueryBuilder().insert().values(row).orIgnore().execute();
    return { outcome: 'accepted' };
  }
}

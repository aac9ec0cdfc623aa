import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Not, Repository } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { findPage, type Page } from '../../platform/http/page.dto.js';
import type { InAppMessagesQuery } from './in-app-message.dto.js';
import { InAppMessage } from './in-app-message.entity.js';

/** The messages that a user sees in MINGUS. */
@Injectable()
export class InAppMessagesService {
  constructor(@InjectRepository(InAppMessage) private readonly messages: Repository<InAppMessage>) {}

  list(userId: string, query: InAppMessagesQuery): Promise<Page<InAppMessage>> {
    const readAt = { true: IsNull(), false: Not(IsNull()) };
    return findPage(this.messages, query, {
      userId,
      ...(query.unread ? { readAt: readAt[query.unread] } : {}),
    });
  }

  countUnread(userId: string): Promise<number> {
    return this.messages.countBy({ userId, readAt: IsNull() });
  }

  /**
   * Stores the first time.
   * @throws DomainError notification_not_found, also for a message of another user
   */
  async markRead(userId: string, id: string): Promise<InAppMessage> {
    await this.messages.update({ id, userId, readAt: IsNull() }, { readAt: new Date() });
    const message = await this.messages.findOneBy({ id, userId });
    if (!message) throw new DomainError('notification_not_found', `No notification ${id}`);
    return message;
  }
}

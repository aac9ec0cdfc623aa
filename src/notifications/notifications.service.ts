import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { DomainError } from '../platform/http/domain-error.js';
import { findPage, type Page } from '../platform/http/page.dto.js';
import { NotificationAttempt } from './notification-attempt.entity.js';
import type { NotificationsQuery, NotificationWithAttemptsDto } from './notification.dto.js';
import { Notification } from './notification.entity.js';

/** Reads notifications with their attempts. */
@Injectable()
export class NotificationsService {
  constructor(
    @InjectRepository(Notification) private readonly notifications: Repository<Notification>,
    @InjectRepository(NotificationAttempt) private readonly attempts: Repository<NotificationAttempt>,
  ) {}

  async list(query: NotificationsQuery): Promise<Page<NotificationWithAttemptsDto>> {
    const { status, kind, channel, customerId } = query;
    const { items, nextCursor } = await findPage(this.notifications, query, {
      ...(status ? { status } : {}),
      ...(kind ? { kind } : {}),
      ...(channel ? { channel } : {}),
      ...(customerId ? { customerId } : {}),
    });
    return { items: await this.withAttempts(items), nextCursor };
  }

  /** @throws DomainError notification_not_found */
  async get(id: string): Promise<NotificationWithAttemptsDto> {
    const notification = await this.notifications.findOneBy({ id });
    if (!notification) throw new DomainError('notification_not_found', `No notification ${id}`);
    const [withAttempts] = await this.withAttempts([notification]);
    return withAttempts as NotificationWithAttemptsDto;
  }

  /** All notifications of a customer, oldest first. */
  async listOfCustomer(customerId: string): Promise<NotificationWithAttemptsDto[]> {
    return this.withAttempts(await this.notifications.find({ where: { customerId }, order: { id: 'ASC' } }));
  }

  private async withAttempts(notifications: Notification[]): Promise<NotificationWithAttemptsDto[]> {
    const attempts = await this.attempts.find({
      where: { notificationId: In(notifications.map(({ id }) => id)) },
      order: { id: 'ASC' },
    });
    return notifications.map((notification) => ({
      ...notification,
      attemptLog: attempts
        .filter(({ notificationId }) => notificationId === notification.id)
        .map(({ id: _id, notificationId: _notificationId, ...attempt }) => attempt),
    }));
  }
}

import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerCreated } from '../events/customer-created.event.js';
import { CustomerDeleted } from '../events/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customer-links.event.js';
import type { MingusUser } from '../events/stripe-customer.js';
import { AppConfig } from '../platform/config/app-config.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './notification-kind.js';
import { Notification, released } from './notification.entity.js';

const DAY_MS = 86_400_000;

@Injectable()
export class NotificationsListener {
  constructor(private readonly config: AppConfig) {}

  /** One of each kind per user, for ever; whether the customer wants it is checked when it is sent. */
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  queueOnboarding({ customerId, user, notifiedKinds }: CustomerCreated, unit: UnitOfWork): void {
    this.queueAllBut(notifiedKinds, customerId, user, unit);
  }

  /**
   * What the new user never had, unless it has been sent to this customer: its address would get it twice.
   * That counts for the new user from now on, and no longer for the one before.
   */
  @OnEvent(CustomerLinked.eventName, { suppressErrors: false })
  queueForNewUser({ customerId, userIdBefore, user, notified }: CustomerLinked, unit: UnitOfWork): void {
    if (userIdBefore !== null) this.release(customerId, userIdBefore, unit);
    const sentInstead = notified.sent.filter(({ kind }) => !notified.kinds.includes(kind));
    for (const { notificationId } of sentInstead) {
      unit.update(Notification, { id: notificationId }, { userId: user.id, updatedAt: new Date() });
    }
    const had = [...notified.kinds, ...sentInstead.map(({ kind }) => kind)];
    const kinds = this.queueAllBut(had, customerId, user, unit);
    if (kinds.length > 0) unit.reportChange(`Notifications queued: ${kinds.join(', ')}`);
  }

  @OnEvent(CustomerUnlinked.eventName, { suppressErrors: false })
  cancelUnsent({ customerId, userIdBefore }: CustomerUnlinked, unit: UnitOfWork): void {
    this.release(customerId, userIdBefore, unit);
  }

  /** Nobody is welcomed after they have left. */
  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  cancelQueued({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const cancelled = { status: 'cancelled', reason: 'customer_deleted', nextAttemptAt: null } as const;
    unit.update(Notification, { customerId, status: 'queued' }, { ...cancelled, updatedAt: new Date() });
  }

  private queueAllBut(
    had: readonly string[],
    customerId: string,
    user: MingusUser,
    unit: UnitOfWork,
  ): NotificationKind[] {
    const now = new Date();
    const kinds = NOTIFICATION_KINDS.filter((kind) => !had.includes(kind) && this.applies(kind, user, now));
    for (const kind of kinds) {
      const id = uuidv7();
      unit.insert(Notification, {
        id,
        customerId,
        userId: user.id,
        kind,
        channel: 'email',
        status: 'queued',
        attempts: 0,
        nextAttemptAt: now,
        reason: null,
        sentAt: null,
        createdAt: now,
        updatedAt: now,
      });
      unit.enqueue('deliver-notification', { notificationId: id });
    }
    return kinds;
  }

  private release(customerId: string, userId: string, unit: UnitOfWork): void {
    unit.update(Notification, { customerId, userId, status: 'queued' }, released());
  }

  /** The guide is for new users; who has used MINGUS for a while needs none. */
  private applies(kind: NotificationKind, user: MingusUser, now: Date): boolean {
    if (kind !== 'onboarding_guide') return true;
    return now.getTime() - Date.parse(user.createdAt) <= this.config.users.onboardingMaxAgeDays * DAY_MS;
  }
}

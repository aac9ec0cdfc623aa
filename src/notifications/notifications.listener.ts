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

  /**
   * One of each kind per user, for ever; whether the customer wants it is checked when it is sent. Customers
   * imported without telling anybody get theirs too, as `suppressed`: nothing sends them later.
   */
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  queueOnboarding({ customerId, user, origin, notifiedKinds }: CustomerCreated, unit: UnitOfWork): void {
    const isTold = origin.imported?.notify ?? true;
    for (const kind of this.missingKinds(user, notifiedKinds)) {
      const notification = newNotification(kind, customerId, user.id);
      if (isTold) queue(notification, unit);
      else unit.insert(Notification, { ...notification, ...IMPORTED });
    }
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
    const kinds = this.missingKinds(user, had);
    for (const kind of kinds) queue(newNotification(kind, customerId, user.id), unit);
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

  /** The guide is for new users; who has used MINGUS for a while needs none. */
  private missingKinds(user: MingusUser, had: readonly string[]): NotificationKind[] {
    const age = Date.now() - Date.parse(user.createdAt);
    const isNew = age <= this.config.users.onboardingMaxAgeDays * DAY_MS;
    return NOTIFICATION_KINDS.filter((kind) => !had.includes(kind) && (isNew || kind !== 'onboarding_guide'));
  }

  private release(customerId: string, userId: string, unit: UnitOfWork): void {
    unit.update(Notification, { customerId, userId, status: 'queued' }, released());
  }
}

/** What is kept of a message that nobody is sent. */
const IMPORTED = { status: 'suppressed', reason: 'imported', nextAttemptAt: null } as const;

function newNotification(kind: NotificationKind, customerId: string, userId: string): Notification {
  const now = new Date();
  return {
    id: uuidv7(),
    customerId,
    userId,
    kind,
    channel: 'email',
    status: 'queued',
    attempts: 0,
    nextAttemptAt: now,
    reason: null,
    sentAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

function queue(notification: Notification, unit: UnitOfWork): void {
  unit.insert(Notification, notification);
  unit.enqueue('deliver-notification', { notificationId: notification.id });
}

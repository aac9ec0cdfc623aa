import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerCreated } from '../events/customer-created.event.js';
import { CustomerDeleted } from '../events/customer-deleted.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './notification-kind.js';
import { Notification } from './notification.entity.js';

const DAY_MS = 86_400_000;

@Injectable()
export class NotificationsListener {
  constructor(private readonly config: AppConfig) {}

  /** One of each kind per user, for ever; whether the customer wants it is checked when it is sent. */
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
  queueOnboarding({ customerId, user, notifiedKinds }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    const kinds = NOTIFICATION_KINDS.filter(
      (kind) => !notifiedKinds.includes(kind) && this.applies(kind, user, now),
    );
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
  }

  /** Nobody is welcomed after they have left. */
  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  cancelQueued({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const cancelled = { status: 'cancelled', reason: 'customer_deleted', nextAttemptAt: null } as const;
    unit.update(Notification, { customerId, status: 'queued' }, { ...cancelled, updatedAt: new Date() });
  }

  /** The guide is for new users; who has used MINGUS for a while needs none. */
  private applies(kind: NotificationKind, user: CustomerCreated['user'], now: Date): boolean {
    if (kind !== 'onboarding_guide') return true;
    return now.getTime() - Date.parse(user.createdAt) <= this.config.users.onboardingMaxAgeDays * DAY_MS;
  }
}

import { uuidv7 } from '../platform/database/uuid.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import type { ChannelName, NotificationKind } from './notification-kind.js';
import { Notification } from './notification.entity.js';

/** The kind of a message and its channel. */
export interface Message {
  kind: NotificationKind;
  channel: ChannelName;
}

export function newNotification(
  { kind, channel }: Message,
  customerId: string,
  userId: string,
): Notification {
  const now = new Date();
  return {
    id: uuidv7(),
    customerId,
    userId,
    kind,
    channel,
    occurrence: '',
    status: 'queued',
    attempts: 0,
    resends: 0,
    nextAttemptAt: now,
    reason: null,
    templateVersion: null,
    sentAt: null,
    handedOverAt: null,
    createdAt: now,
    updatedAt: now,
  };
}

/** Adds a notification, and the job that delivers it. */
export function queueNotification(notification: Notification, unit: UnitOfWork): void {
  unit.insert(Notification, notification);
  unit.enqueue('deliver-notification', { notificationId: notification.id });
}

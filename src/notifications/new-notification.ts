import { type AssignedArm, treatmentOf } from '../events/assigned-arm.js';
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

/** Adds a notification as the arms of its user treat its kind: with a version of the template, later, or not sent. */
export function queueTreated(
  notification: Notification,
  arms: readonly AssignedArm[],
  unit: UnitOfWork,
): void {
  const { send, templateVersion = null, delayMinutes } = treatmentOf(arms, notification.kind);
  const treated = { ...notification, templateVersion };
  if (send === false) {
    unit.insert(Notification, {
      ...treated,
      status: 'suppressed',
      reason: 'experiment',
      nextAttemptAt: null,
    });
    return;
  }
  if (!delayMinutes) return queueNotification(treated, unit);
  const nextAttemptAt = new Date(notification.createdAt.getTime() + delayMinutes * MINUTE_MS);
  unit.insert(Notification, { ...treated, nextAttemptAt, reason: 'experiment' });
  unit.enqueue('deliver-notification', { notificationId: notification.id }, { runAt: nextAttemptAt });
}

const MINUTE_MS = 60_000;

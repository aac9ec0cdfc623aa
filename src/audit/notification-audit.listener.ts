import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import {
  AddressSuppressionChanged,
  MessageChoicesChanged,
  NotificationBounced,
  NotificationGivenUp,
  NotificationOperated,
} from '../events/notification-facts.event.js';
import { NotificationSent } from '../events/notification-sent.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AuditEntry } from './audit-entry.entity.js';
import { doneBy } from './entry-origin.js';
import { personalValues } from './personal-values.js';

/** What happened around messages. */
@Injectable()
export class NotificationAuditListener {
  @OnEvent(AddressSuppressionChanged.eventName, { suppressErrors: false })
  recordSuppression(
    { suppressionId, act, suppression, cause }: AddressSuppressionChanged,
    unit: UnitOfWork,
  ): void {
    const { address, ...details } = suppression;
    unit.insert(AuditEntry, {
      ...doneBy(cause ? 'system' : 'operator'),
      customerId: cause?.customerId ?? null,
      action: `address_suppression.${act}`,
      objectType: 'suppression',
      objectId: suppressionId,
      details: { ...details, ...(cause ? { notificationId: cause.notificationId } : {}) },
      ...personalValues({ address }),
    });
  }

  @OnEvent(NotificationOperated.eventName, { suppressErrors: false })
  recordOperation(
    { notificationId, customerId, act, notification }: NotificationOperated,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId,
      action: `notification.${act}`,
      objectType: 'notification',
      objectId: notificationId,
      details: { ...notification },
    });
  }

  @OnEvent(NotificationSent.eventName, { suppressErrors: false })
  recordSent({ notificationId, customerId, kind, channel }: NotificationSent, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('system'),
      customerId,
      action: 'notification.sent',
      objectType: 'notification',
      objectId: notificationId,
      details: { kind, channel },
    });
  }

  @OnEvent(NotificationGivenUp.eventName, { suppressErrors: false })
  recordGivenUp(
    { notificationId, customerId, status, notification }: NotificationGivenUp,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('system'),
      customerId,
      action: `notification.${status}`,
      objectType: 'notification',
      objectId: notificationId,
      details: { ...notification },
    });
  }

  @OnEvent(MessageChoicesChanged.eventName, { suppressErrors: false })
  recordChoices(
    { customerId, stripeCustomerId, via, change: { before, after } }: MessageChoicesChanged,
    unit: UnitOfWork,
  ): void {
    unit.insert(AuditEntry, {
      ...doneBy('customer'),
      source: via,
      customerId,
      action: 'message_choices.changed',
      objectType: 'customer',
      objectId: stripeCustomerId,
      details: { before, after },
    });
  }

  @OnEvent(NotificationBounced.eventName, { suppressErrors: false })
  recordBounce({ notificationId, customerId, outcome, report }: NotificationBounced, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('system'),
      source: 'webhook',
      customerId,
      action: 'notification.bounced',
      objectType: 'notification',
      objectId: notificationId,
      details: { outcome, ...report },
    });
  }
}

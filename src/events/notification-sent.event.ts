import type { DomainEvent } from './domain-event.js';

/**
 * A channel accepted a notification. The fact is emitted again when a further copy is accepted. Listeners add
 * their rows to the unit of work.
 */
export class NotificationSent implements DomainEvent {
  static readonly eventName = 'notification.sent';
  readonly eventName = NotificationSent.eventName;

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly kind: string,
    readonly channel: string,
    /** When the channel accepted it. */
    readonly sentAt: Date,
  ) {
    Object.freeze(this);
  }
}

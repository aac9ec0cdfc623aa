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
    /** Null if the customer is not linked to the user of the notification any more. */
    readonly userId: string | null,
    readonly message: Readonly<{ kind: string; channel: string }>,
    /** When the channel accepted it. */
    readonly sentAt: Date,
  ) {
    Object.freeze(this);
  }
}

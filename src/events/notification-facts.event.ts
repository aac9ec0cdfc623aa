import type { DomainEvent } from './domain-event.js';

/** An operator had a notification sent (again), or kept it from being sent. */
export class NotificationOperated implements DomainEvent {
  static readonly eventName = 'notification.operated';
  readonly eventName = NotificationOperated.eventName;

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly act: 'resent' | 'cancelled' | 'held',
    readonly notification: Readonly<{
      kind: string;
      channel: string;
      statusBefore: string;
      reasonBefore: string | null;
    }>,
  ) {
    Object.freeze(this);
  }
}

/** A notification that was queued will not be sent, or not before an operator says so. */
export class NotificationGivenUp implements DomainEvent {
  static readonly eventName = 'notification.given_up';
  readonly eventName = NotificationGivenUp.eventName;

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly status: 'failed' | 'suppressed' | 'held',
    readonly notification: Readonly<{ kind: string; channel: string; reason: string; attempts: number }>,
  ) {
    Object.freeze(this);
  }
}

/** What customers choose of the messages they get. */
export interface MessageChoices {
  /** Kind → channel → whether it is wanted. */
  notifications: Record<string, Record<string, boolean>>;
  /** BCP 47. */
  locale: string;
}

/** A customer chose which messages to get, with the link in one of them. */
export class MessageChoicesChanged implements DomainEvent {
  static readonly eventName = 'message_choices.changed';
  readonly eventName = MessageChoicesChanged.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** On the page, or by the button of a mail program. */
    readonly via: 'preference_page' | 'one_click',
    readonly change: Readonly<{ before: Readonly<MessageChoices>; after: Readonly<MessageChoices> }>,
  ) {
    Object.freeze(this);
  }
}

/** A mail system told that a message we had sent did not arrive, or was not welcome. */
export class NotificationBounced implements DomainEvent {
  static readonly eventName = 'notification.bounced';
  readonly eventName = NotificationBounced.eventName;

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly outcome: string,
    /**
     * `told`: enhanced status of a delivery status notification, type of a feedback report. `resends`: how often
     * the notification had been sent again before the mail that it is about. `isOtherAddress`: it is about an
     * address that the customer had before or after.
     */
    readonly report: Readonly<{ told: string; resends: number; isOtherAddress: boolean }>,
  ) {
    Object.freeze(this);
  }
}

/** An address was put on the list of those that get no mail, or taken off it. */
export class AddressSuppressionChanged implements DomainEvent {
  static readonly eventName = 'address_suppression.changed';
  readonly eventName = AddressSuppressionChanged.eventName;

  constructor(
    readonly suppressionId: string,
    readonly act: 'added' | 'removed',
    readonly suppression: Readonly<{
      address: string;
      reason: string;
      source: string;
      expiresAt: string | null;
    }>,
    /** Whose message showed it; null when an operator acted. */
    readonly cause: Readonly<{ customerId: string; notificationId: string }> | null,
  ) {
    Object.freeze(this);
  }
}

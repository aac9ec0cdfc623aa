import type { DomainEvent } from './domain-event.js';

/** An operator sent a notification (again) or cancelled it. */
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
    /**
     * When the notification last changed before this act (ISO 8601). If it had ended, this is when it ended.
     */
    readonly changedBefore: string,
  ) {
    Object.freeze(this);
  }
}

/** A queued notification will not be sent, unless an operator sends it later. */
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

/** Which messages a customer wants, and in which language. */
export interface MessageChoices {
  /** Kind → channel → whether it is wanted. */
  notifications: Record<string, Record<string, boolean>>;
  /** BCP 47. */
  locale: string;
}

/** A customer changed their message choices, using the link in a message. */
export class MessageChoicesChanged implements DomainEvent {
  static readonly eventName = 'message_choices.changed';
  readonly eventName = MessageChoicesChanged.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** On the preference page, or with the unsubscribe button of a mail program. */
    readonly via: 'preference_page' | 'one_click',
    readonly change: Readonly<{ before: Readonly<MessageChoices>; after: Readonly<MessageChoices> }>,
  ) {
    Object.freeze(this);
  }
}

/** A mail system reported that a message did not arrive or was not wanted. */
export class NotificationBounced implements DomainEvent {
  static readonly eventName = 'notification.bounced';
  readonly eventName = NotificationBounced.eventName;

  constructor(
    readonly notificationId: string,
    readonly customerId: string,
    readonly outcome: string,
    /**
     * `told` is the reason that the mail system gives in its report: an enhanced status code, or the type of a feedback
     * report. `resends` is how many times the notification had been sent again before the mail in question.
     * `isOtherAddress` says whether the report names an address that the customer had before or after.
     */
    readonly report: Readonly<{ told: string; resends: number; isOtherAddress: boolean }>,
  ) {
    Object.freeze(this);
  }
}

/** An address was added to the suppression list or removed from it. Suppressed addresses get no mail. */
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
    /** The notification whose report caused the change; null when an operator acted. */
    readonly cause: Readonly<{ customerId: string; notificationId: string }> | null,
  ) {
    Object.freeze(this);
  }
}

/** A mail report could not be read. It is kept for an operator. */
export class MailReportKept implements DomainEvent {
  static readonly eventName = 'mail_report.kept';
  readonly eventName = MailReportKept.eventName;

  constructor(
    readonly reportId: string,
    /** The customer whose message the report is about; null if the report does not name it. */
    readonly customerId: string | null,
    readonly reason: string,
  ) {
    Object.freeze(this);
  }
}

/** An operator removed an unreadable mail report. */
export class MailReportRemoved implements DomainEvent {
  static readonly eventName = 'mail_report.removed';
  readonly eventName = MailReportRemoved.eventName;

  constructor(
    readonly reportId: string,
    readonly customerId: string | null,
  ) {
    Object.freeze(this);
  }
}

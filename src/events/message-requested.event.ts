import type { DomainEvent } from './domain-event.js';
import type { OnboardingKind } from './onboarding-kinds.js';

/** A step of an automation wants a message to a customer. The rules of all messages apply when it is sent. */
export class MessageRequested implements DomainEvent {
  static readonly eventName = 'message.requested';
  readonly eventName = MessageRequested.eventName;

  constructor(
    /** The id that the message gets. */
    readonly notificationId: string,
    readonly customerId: string,
    readonly userId: string,
    readonly message: Readonly<{ kind: OnboardingKind; channel: 'email' | 'in_app' }>,
    /** Distinguishes it from other messages of its kind. */
    readonly occurrence: string,
  ) {
    Object.freeze(this);
  }
}

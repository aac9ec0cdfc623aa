import type { DomainEvent } from '../domain-event.js';

/** An event waited too long for its user or its customer. It has no effect, and its body is removed. */
export class WebhookEventGivenUp implements DomainEvent {
  static readonly eventName = 'webhook_event.given_up';
  readonly eventName = WebhookEventGivenUp.eventName;

  constructor(
    readonly stripeEventId: string,
    /** The outcome that says what it waited for. */
    readonly outcomeBefore: string,
    /** How many days it could wait. */
    readonly days: number,
  ) {
    Object.freeze(this);
  }
}

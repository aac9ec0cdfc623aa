import type { DomainEvent } from '../domain-event.js';

/** An event has waited for its user for too long: it leads to nobody, and its body is forgotten. */
export class WebhookEventGivenUp implements DomainEvent {
  static readonly eventName = 'webhook_event.given_up';
  readonly eventName = WebhookEventGivenUp.eventName;

  constructor(
    readonly stripeEventId: string,
    /** How many days it was to wait. */
    readonly days: number,
  ) {
    Object.freeze(this);
  }
}

import type { DomainEvent } from '../domain-event.js';

/** A customer entered another stage because of a subscription, a payment or a dispute. */
export class StageChanged implements DomainEvent {
  static readonly eventName = 'stage.changed';
  readonly eventName = StageChanged.eventName;

  constructor(
    readonly customerId: string,
    readonly stages: Readonly<{ from: string; to: string }>,
    /** By Stripe's time (ISO 8601). */
    readonly occurredAt: string,
    readonly stripeEventId: string | null,
  ) {
    Object.freeze(this);
  }
}

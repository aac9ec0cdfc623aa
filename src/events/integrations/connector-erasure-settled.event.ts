import type { DomainEvent } from '../domain-event.js';

/** A system gave the receipt for the erasure of a person. */
export class ConnectorErasureSettled implements DomainEvent {
  static readonly eventName = 'connector_erasure.settled';
  readonly eventName = ConnectorErasureSettled.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly connector: string,
    readonly receipt: 'accepted' | 'confirmed' | 'refused' | 'unsupported',
  ) {
    Object.freeze(this);
  }
}

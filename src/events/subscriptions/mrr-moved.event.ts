import type { DomainEvent } from '../domain-event.js';

/** `new` from nothing for the first time, `reactivation` from nothing again, `churn` to nothing. */
export type MrrMovementKind = 'new' | 'reactivation' | 'expansion' | 'contraction' | 'churn';

/** The monthly recurring revenue of a customer moved in one currency. */
export class MrrMoved implements DomainEvent {
  static readonly eventName = 'mrr.moved';
  readonly eventName = MrrMoved.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** Amounts are in the minor unit of the currency. */
    readonly movement: Readonly<{
      movementId: string;
      kind: MrrMovementKind;
      currency: string;
      beforeMinor: number;
      afterMinor: number;
    }>,
    /** When it moved, by Stripe's time (ISO 8601). */
    readonly occurredAt: string,
    /** Null where an erasure caused it. */
    readonly stripeEventId: string | null,
  ) {
    Object.freeze(this);
  }
}

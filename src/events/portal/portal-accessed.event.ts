import type { DomainEvent } from '../domain-event.js';

/** A customer was let into the billing portal. Listeners get the unit of work and the transaction's EntityManager. */
export class PortalAccessed implements DomainEvent {
  static readonly eventName = 'portal.accessed';
  readonly eventName = PortalAccessed.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** With the link of a mail, or from MINGUS itself. */
    readonly via: 'link' | 'service_api',
    readonly isFirst: boolean,
  ) {
    Object.freeze(this);
  }
}

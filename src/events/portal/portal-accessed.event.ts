import type { DomainEvent } from '../domain-event.js';

/**
 * A customer opened the billing portal. Listeners get the unit of work and the transaction's EntityManager.
 */
export class PortalAccessed implements DomainEvent {
  static readonly eventName = 'portal.accessed';
  readonly eventName = PortalAccessed.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    /** Null while the customer is unlinked. */
    readonly userId: string | null,
    /** With the link in a mail, or from the MINGUS application. */
    readonly via: 'link' | 'service_api',
    readonly isFirst: boolean,
  ) {
    Object.freeze(this);
  }
}

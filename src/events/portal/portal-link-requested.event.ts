import type { DomainEvent } from '../domain-event.js';

/** A new portal link was requested for the address of this customer. */
export class PortalLinkRequested implements DomainEvent {
  static readonly eventName = 'portal_link.requested';
  readonly eventName = PortalLinkRequested.eventName;

  constructor(
    readonly customerId: string,
    readonly userId: string,
  ) {
    Object.freeze(this);
  }
}

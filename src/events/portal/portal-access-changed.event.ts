import type { DomainEvent } from '../domain-event.js';

/** What an operator can change about a customer's access. */
export interface PortalAccessState {
  status: string;
  permissions: Readonly<object>;
}

/** An operator changed a customer's portal access or permissions. */
export class PortalAccessChanged implements DomainEvent {
  static readonly eventName = 'portal_access.changed';
  readonly eventName = PortalAccessChanged.eventName;

  constructor(
    readonly customerId: string,
    readonly stripeCustomerId: string,
    readonly act: 'granted' | 'suspended' | 'revoked' | 'permissions_changed',
    readonly reason: string,
    readonly change: Readonly<{ before: PortalAccessState; after: PortalAccessState }>,
  ) {
    Object.freeze(this);
  }
}

import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../events/customers/customer-updated.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { PortalLink } from './portal-link.entity.js';
import { PortalAccess } from './portal-access.entity.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';

@Injectable()
export class PortalListener {
  /** Every customer gets all permissions, including the one to cancel. */
  @OnFact(CustomerCreated)
  grantPortalAccess({ customerId, origin }: CustomerCreated, unit: UnitOfWork): void {
    const now = new Date();
    unit.insert(PortalAccess, {
      customerId,
      status: 'active',
      permissions: {
        viewInvoices: true,
        updatePaymentMethod: true,
        updateBillingDetails: true,
        cancelSubscription: true,
      },
      metadata: { grantedBy: origin.stripeEventId },
      grantedAt: now,
      firstAccessedAt: null,
      lastAccessedAt: null,
      updatedAt: now,
    });
    unit.reportChange('Customer portal access configured');
  }

  @OnFact(CustomerDeleted)
  revokePortalAccess({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const now = new Date();
    unit.update(PortalAccess, { customerId }, { status: 'revoked', updatedAt: now });
    unit.update(PortalLink, { customerId }, { expiresAt: now });
    unit.reportChange('Customer portal access revoked');
  }

  /** A customer without a user has no portal access. A suspended customer stays suspended. */
  @OnFact(CustomerUnlinked)
  revokeUntilLinked({ customerId }: CustomerUnlinked, unit: UnitOfWork): void {
    const now = new Date();
    unit.execute(REVOKE_UNTIL_LINKED, { customerId });
    unit.update(PortalLink, { customerId }, { expiresAt: now });
    unit.reportChange('Customer portal access revoked');
  }

  /**
   * Links that were mailed before the customer got another user stop working. An access that an operator
   * revoked stays revoked.
   */
  @OnFact(CustomerLinked)
  restoreWhenLinked({ customerId, userIdBefore }: CustomerLinked, unit: UnitOfWork): void {
    unit.update(PortalLink, { customerId }, { expiresAt: new Date() });
    if (userIdBefore !== null) return;
    unit.execute(RESTORE_WHEN_LINKED, { customerId });
    unit.reportChange('Customer portal access restored');
  }

  /** Links that were mailed to the former address stop working: it may belong to another person. */
  @OnFact(CustomerUpdated)
  expireLinks({ customerId, changes }: CustomerUpdated, unit: UnitOfWork): void {
    if (changes.email) unit.execute(EXPIRE_LINKS, { customerId });
  }

  @OnFact(CustomerErased)
  erase({ customerId }: CustomerErased, unit: UnitOfWork): void {
    const erased = { status: 'revoked', metadata: {}, updatedAt: new Date() } as const;
    unit.update(PortalAccess, { customerId }, erased);
    unit.execute(DELETE_LINKS, { customerId });
  }
}

const REVOKE_UNTIL_LINKED = `
  update portal_accesses set status = 'revoked', updated_at = now(),
    metadata = metadata || '{"revokedBy": "unlinking"}'
  from json_to_recordset($1::json) as unlinked ("customerId" uuid)
  where customer_id = "customerId" and status = 'active'`;

const RESTORE_WHEN_LINKED = `
  update portal_accesses set status = 'active', updated_at = now(), metadata = metadata - 'revokedBy'
  from json_to_recordset($1::json) as linked ("customerId" uuid)
  where customer_id = "customerId" and status = 'revoked' and metadata ->> 'revokedBy' = 'unlinking'`;

/**
 * This is a statement of its own because statements run after the customer's new address is written. A link
 * that is being made waits for that row.
 */
const EXPIRE_LINKS = `
  update portal_links set expires_at = now()
  from json_to_recordset($1::json) as moved ("customerId" uuid)
  where customer_id = "customerId" and expires_at > now()`;

const DELETE_LINKS = `
  delete from portal_links using json_to_recordset($1::json) as erased ("customerId" uuid)
  where customer_id = "customerId"`;

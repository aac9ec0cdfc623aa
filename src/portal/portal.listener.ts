import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerLinked, CustomerUnlinked } from '../events/customers/customer-links.event.js';
import { CustomerUpdated } from '../events/customers/customer-updated.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { PortalLink } from './links/portal-link.entity.js';
import { PortalAccess } from './portal-access.entity.js';

@Injectable()
export class PortalListener {
  /** Every customer may look after their own billing; cancelling is theirs to do, too. */
  @OnEvent(CustomerCreated.eventName, { suppressErrors: false })
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

  @OnEvent(CustomerDeleted.eventName, { suppressErrors: false })
  revokePortalAccess({ customerId }: CustomerDeleted, unit: UnitOfWork): void {
    const now = new Date();
    unit.update(PortalAccess, { customerId }, { status: 'revoked', updatedAt: now });
    unit.update(PortalLink, { customerId }, { expiresAt: now });
    unit.reportChange('Customer portal access revoked');
  }

  /** Nobody's customer is open to nobody. Who is suspended stays so. */
  @OnEvent(CustomerUnlinked.eventName, { suppressErrors: false })
  revokeUntilLinked({ customerId }: CustomerUnlinked, unit: UnitOfWork): void {
    const now = new Date();
    unit.execute(REVOKE_UNTIL_LINKED, { customerId });
    unit.update(PortalLink, { customerId }, { expiresAt: now });
    unit.reportChange('Customer portal access revoked');
  }

  /** What was mailed before it moved on to somebody else opens nothing any more. What an operator revoked stays so. */
  @OnEvent(CustomerLinked.eventName, { suppressErrors: false })
  restoreWhenLinked({ customerId, userIdBefore }: CustomerLinked, unit: UnitOfWork): void {
    unit.update(PortalLink, { customerId }, { expiresAt: new Date() });
    if (userIdBefore !== null) return;
    unit.execute(RESTORE_WHEN_LINKED, { customerId });
    unit.reportChange('Customer portal access restored');
  }

  /** What was mailed to another address opens nothing any more: it may have been somebody else's. */
  @OnEvent(CustomerUpdated.eventName, { suppressErrors: false })
  expireLinks({ customerId, changes }: CustomerUpdated, unit: UnitOfWork): void {
    if (changes.email) unit.execute(EXPIRE_LINKS, { customerId });
  }

  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  forget({ customerId }: CustomerErased, unit: UnitOfWork): void {
    const forgotten = { status: 'revoked', metadata: {}, updatedAt: new Date() } as const;
    unit.update(PortalAccess, { customerId }, forgotten);
    unit.execute(FORGET_LINKS, { customerId });
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

/** A statement, because those come after the customer's new address: whoever makes a link meanwhile waits for it. */
const EXPIRE_LINKS = `
  update portal_links set expires_at = now()
  from json_to_recordset($1::json) as moved ("customerId" uuid)
  where customer_id = "customerId" and expires_at > now()`;

const FORGET_LINKS = `
  delete from portal_links using json_to_recordset($1::json) as erased ("customerId" uuid)
  where customer_id = "customerId"`;

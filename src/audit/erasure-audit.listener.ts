import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { UnknownCustomerErased } from '../events/customers/unknown-customer-erased.event.js';
import { UserErased } from '../events/customers/user-erased.event.js';
import { ConnectorErasureSettled } from '../events/integrations/connector-erasure-settled.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AuditEntry } from './audit-entry.entity.js';
import { doneBy, entryBy } from './entry-origin.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';

/**
 * Records erasures, and erases the person's values from the trail. The seals stay valid: they cover a digest of the
 * values.
 */
@Injectable()
export class ErasureAuditListener {
  @OnFact(CustomerErased)
  forget({ customerId, stripeCustomerId, addresses }: CustomerErased, unit: UnitOfWork): void {
    const of = { customerId, action: 'customer.erased', objectType: 'customer', objectId: stripeCustomerId };
    unit.execute(ERASE, { ...doneBy('operator'), ...of, customers: [customerId], addresses });
  }

  @OnFact(UnknownCustomerErased)
  forgetUnknown({ stripeCustomerId }: UnknownCustomerErased, unit: UnitOfWork): void {
    const of = { action: 'customer.erased', objectType: 'customer', objectId: stripeCustomerId };
    unit.execute(ERASE, { ...doneBy('operator'), ...of, customers: [], addresses: [] });
  }

  @OnFact(UserErased)
  forgetUser({ userId, addresses }: UserErased, unit: UnitOfWork): void {
    const of = { action: 'user.erased', objectType: 'user', objectId: userId };
    unit.execute(ERASE, { ...doneBy('operator'), ...of, customers: [], addresses });
  }

  @OnFact(ConnectorErasureSettled)
  recordReceipt(fact: ConnectorErasureSettled, unit: UnitOfWork): void {
    const { customerId, stripeCustomerId, connector, receipt } = fact;
    const details = { connector, receipt };
    const object = ['customer', stripeCustomerId] as const;
    unit.insert(
      AuditEntry,
      entryBy('system', { action: 'customer.erased_elsewhere', object, customerId, details }),
    );
  }
}

/** The entry lists the entries that the erasure emptied. Any other empty entry was tampered with. */
const ERASE = `
  insert into audit_entries (id, customer_id, action, actor_type, actor_id, actor_name, object_type, object_id,
    source, request_id, ip, job_id, details, occurred_at)
  select id, "customerId", action, "actorType", "actorId", "actorName", "objectType", "objectId",
    source, "requestId", ip, "jobId", jsonb_build_object('emptied', array(
      select erase_audit_personal(
        array(select json_array_elements_text(customers)::uuid),
        array(select json_array_elements_text(addresses)))
    )), "occurredAt"
  from json_to_recordset($1::json) as erasure (id uuid, "customerId" uuid, action text, "actorType" text,
    "actorId" text, "actorName" text, "objectType" text, "objectId" text, source text, "requestId" text, ip text,
    "jobId" text, "occurredAt" timestamptz, customers json, addresses json)`;

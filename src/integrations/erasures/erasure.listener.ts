import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** Cancels what waits about an erased person, and orders the erasure from each connector that may know the person. */
@Injectable()
export class ConnectorErasureListener {
  @OnFact(CustomerErased)
  orderErasures({ customerId, stripeCustomerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(EMPTY, { customerId });
    unit.execute(EMPTY_ATTEMPTS, { customerId });
    unit.execute(ORDER, { customerId, stripeCustomerId });
  }
}

/**
 * Locks all deliveries about the person, so that none is claimed any more: a claim came before, and `ORDER` sees it, or
 * it finds nothing to claim. The transaction has locked the customer, so that none is queued either.
 */
const EMPTY = `
  update deliveries set content = '{}', detail = null, updated_at = now(),
    status = case when status in ('queued', 'held', 'skipped') then 'cancelled' else status end,
    reason = case when status in ('queued', 'held', 'skipped') then 'person_erased' else reason end,
    ended_at = case when status in ('queued', 'held', 'skipped') then now() else ended_at end
  from json_to_recordset($1::json) as erased ("customerId" uuid)
  where customer_id = "customerId"`;

/** A delivery that was never tried cannot have left a trace. */
const ORDER = `
  insert into connector_erasures (connector, customer_id, stripe_customer_id, status, attempts, next_attempt_at,
    requested_at)
  select name, "customerId", "stripeCustomerId", 'under_way', 0, now(), now()
  from json_to_recordset($1::json) as erased ("customerId" uuid, "stripeCustomerId" text), connectors
  where exists (
      select from deliveries where connector = name and customer_id = "customerId" and tried_at is not null)
    or exists (select from connector_links where connector = name and customer_id = "customerId")
  on conflict do nothing`;

const EMPTY_ATTEMPTS = `
  update delivery_attempts set detail = null
  from json_to_recordset($1::json) as erased ("customerId" uuid)
  join deliveries on customer_id = "customerId"
  where delivery_id = deliveries.id and delivery_attempts.detail is not null`;

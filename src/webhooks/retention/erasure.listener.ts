import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** Events keep their ids and decisions; what they told of the person goes. */
@Injectable()
export class ErasureListener {
  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  forget({ customerId, stripeCustomerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET_EVENTS, { customerId, stripeCustomerId });
  }
}

const FORGET_EVENTS = `
  update webhook_events event set body = null, error_message = null, mingus_user_id = null
  from json_to_recordset($1::json) as erased ("customerId" uuid, "stripeCustomerId" text)
  where event.customer_id = "customerId" or event.id in (
    select id from webhook_events where outcome in ('unmatched', 'pending_user')
      and stripe_customer_id = "stripeCustomerId"
  )`;

import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerUpdated } from '../../events/customers/customer-updated.event.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

@Injectable()
export class SameSecondListener {
  /**
   * The times of Stripe's events are whole seconds, and events arrive in any order: of two updates within one
   * second nobody but Stripe can tell which is the newer one. (A creation comes before every update.)
   */
  @OnEvent(CustomerUpdated.eventName, { suppressErrors: false })
  refreshCustomer({ customerId, before, origin }: CustomerUpdated, unit: UnitOfWork): void {
    const isTie = Date.parse(before.stateAt) === Date.parse(origin.stateAt);
    if (!isTie || before.stateToldBy === 'customer.created' || origin.stateToldBy === 'api') return;
    const { stripeEventId } = origin;
    unit.enqueue('refresh-customer', { stripeEventId }, { key: `refresh:${customerId}` });
  }
}

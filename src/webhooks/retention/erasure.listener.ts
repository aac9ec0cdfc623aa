import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UnknownCustomerErased } from '../../events/customers/unknown-customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { PERSON_ERASED } from '../decision/event-decision.js';
import { FORGET_EVENTS, FORGET_OF_USER, FORGET_UNKNOWN } from './forget-events.queries.js';

/** Transactions that saw the person before the erasure have ended by then. */
const OVERLAP_MS = 60_000;

/** Events keep their ids and decisions; what they told of the person goes. */
@Injectable()
export class ErasureListener {
  @OnEvent(CustomerErased.eventName, { suppressErrors: false })
  forget({ stripeCustomerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET_EVENTS, { stripeCustomerId });
    this.forgetOnceMore({ stripeCustomerId, isKnown: true }, unit);
  }

  /** Later events about it find these, and nothing of them is stored either. */
  @OnEvent(UnknownCustomerErased.eventName, { suppressErrors: false })
  forgetUnknown({ stripeCustomerId }: UnknownCustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET_UNKNOWN, { stripeCustomerId, ...PERSON_ERASED });
    this.forgetOnceMore({ stripeCustomerId, isKnown: false }, unit);
  }

  @OnEvent(UserErased.eventName, { suppressErrors: false })
  forgetUser({ userId }: UserErased, unit: UnitOfWork): void {
    unit.execute(FORGET_OF_USER, { userId });
  }

  private forgetOnceMore(payload: { stripeCustomerId: string; isKnown: boolean }, unit: UnitOfWork): void {
    unit.enqueue('forget-events', payload, { runAt: new Date(Date.now() + OVERLAP_MS) });
  }
}

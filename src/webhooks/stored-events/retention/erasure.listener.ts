import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../../../events/customers/customer-erased.event.js';
import { UnknownCustomerErased } from '../../../events/customers/unknown-customer-erased.event.js';
import { UserErased } from '../../../events/customers/user-erased.event.js';
import type { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { PERSON_ERASED } from '../../decision/event-decision.js';
import { FORGET_EVENTS, FORGET_OF_USER, FORGET_UNKNOWN } from './forget-events.queries.js';
import { OnFact } from '../../../platform/facts/on-fact.decorator.js';

/** After this time, all transactions that read the person before the erasure have ended. */
const OVERLAP_MS = 60_000;

/** Erases the data of a person from events. Ids and decisions stay. */
@Injectable()
export class ErasureListener {
  @OnFact(CustomerErased)
  forget({ stripeCustomerId }: CustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET_EVENTS, { stripeCustomerId });
    this.forgetOnceMore({ stripeCustomerId, isKnown: true }, unit);
  }

  /**
   * The rejected events remain, so that later events about the same customer are rejected and not stored
   * either.
   */
  @OnFact(UnknownCustomerErased)
  forgetUnknown({ stripeCustomerId }: UnknownCustomerErased, unit: UnitOfWork): void {
    unit.execute(FORGET_UNKNOWN, { stripeCustomerId, ...PERSON_ERASED });
    this.forgetOnceMore({ stripeCustomerId, isKnown: false }, unit);
  }

  @OnFact(UserErased)
  forgetUser({ userId }: UserErased, unit: UnitOfWork): void {
    unit.execute(FORGET_OF_USER, { userId });
  }

  private forgetOnceMore(payload: { stripeCustomerId: string; isKnown: boolean }, unit: UnitOfWork): void {
    unit.enqueue('forget-events', payload, { runAt: new Date(Date.now() + OVERLAP_MS) });
  }
}

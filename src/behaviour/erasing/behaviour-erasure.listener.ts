import { Injectable } from '@nestjs/common';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import { OnFact } from '../../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { ADD_PEOPLE, ATTACH_FIRST, EMPTY_FIRST, FORGET, JOIN_USER, LOCK } from './erasing.queries.js';

/**
 * Removes from the stream what names an erased person. Their events stay, and all counts with them. A job empties what is too
 * much for one transaction; until then the events belong to no user.
 */
@Injectable()
export class BehaviourErasureListener {
  @OnFact(CustomerErased)
  eraseWithCustomer({ customerId, userId }: CustomerErased, unit: UnitOfWork): void {
    if (userId !== null) erase(userId, customerId, unit);
  }

  @OnFact(UserErased)
  eraseUser({ userId }: UserErased, unit: UnitOfWork): void {
    erase(userId, null, unit);
  }
}

function erase(userId: string, customerId: string | null, unit: UnitOfWork): void {
  for (const text of [ADD_PEOPLE, LOCK, JOIN_USER, ATTACH_FIRST, EMPTY_FIRST, FORGET])
    unit.execute(text, { userId, customerId });
  unit.enqueue('empty-behaviour', {}, { key: 'empty-behaviour' });
}

import { Injectable } from '@nestjs/common';
import { UserArrived } from '../../../events/customers/user-arrived.event.js';
import type { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { OnFact } from '../../../platform/facts/on-fact.decorator.js';

@Injectable()
export class PendingEventsListener {
  /** Sets up the customers that waited for this user, as soon as the user is committed. */
  @OnFact(UserArrived)
  enqueueResolution({ awaitedAs }: UserArrived, unit: UnitOfWork): void {
    unit.enqueue('resolve-pending-events', { userId: awaitedAs });
  }
}

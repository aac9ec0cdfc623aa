import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { UserArrived } from '../../events/customers/user-arrived.event.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

@Injectable()
export class PendingEventsListener {
  /** Customers that waited for this user are set up as soon as the user is committed. */
  @OnEvent(UserArrived.eventName, { suppressErrors: false })
  enqueueResolution({ userId }: UserArrived, unit: UnitOfWork): void {
    unit.enqueue('resolve-pending-events', { userId });
  }
}

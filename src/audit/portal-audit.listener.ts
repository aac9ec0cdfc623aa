import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { PortalAccessChanged, type PortalAccessState } from '../events/portal/portal-access-changed.event.js';
import { PortalAccessed } from '../events/portal/portal-accessed.event.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AuditEntry } from './audit-entry.entity.js';
import { doneBy } from './entry-origin.js';
import { personalValues } from './personal-values.js';

/** Who was let into the billing portal, and what operators did about it. */
@Injectable()
export class PortalAuditListener {
  @OnEvent(PortalAccessChanged.eventName, { suppressErrors: false })
  recordAccessChanged(
    { customerId, stripeCustomerId, act, reason, change: { before, after } }: PortalAccessChanged,
    unit: UnitOfWork,
  ): void {
    const stateOf = ({ status, permissions }: PortalAccessState) => ({ status, permissions });
    unit.insert(AuditEntry, {
      ...doneBy('operator'),
      customerId,
      action: `portal_access.${act}`,
      objectType: 'customer',
      objectId: stripeCustomerId,
      details: { before: stateOf(before), after: stateOf(after) },
      ...personalValues({ reason }),
    });
  }

  @OnEvent(PortalAccessed.eventName, { suppressErrors: false })
  recordAccessed({ customerId, stripeCustomerId, via, isFirst }: PortalAccessed, unit: UnitOfWork): void {
    unit.insert(AuditEntry, {
      ...doneBy('customer'),
      customerId,
      action: 'portal.accessed',
      objectType: 'customer',
      objectId: stripeCustomerId,
      source: via === 'link' ? 'portal' : 'service_api',
      details: { isFirst },
    });
  }
}

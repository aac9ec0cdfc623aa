import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { EntityManager } from 'typeorm';
import { PortalAccessed } from '../../events/portal/portal-accessed.event.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';

/** When customers were let into the portal. */
@Injectable()
export class PortalVisits {
  constructor(
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
  ) {}

  /** Records a visit in the given transaction; false, and nothing recorded, when the customer may not enter (any more). */
  async record(
    manager: EntityManager,
    { customerId, stripeCustomerId }: { customerId: string; stripeCustomerId: string },
    via: PortalAccessed['via'],
  ): Promise<boolean> {
    const [rows] = await manager.query<[{ isFirst: boolean }[], number]>(RECORD_VISIT, [customerId]);
    const [visit] = rows;
    if (!visit) return false;
    const unit = new UnitOfWork();
    const fact = new PortalAccessed(customerId, stripeCustomerId, via, visit.isFirst);
    await this.emitter.emitAsync(PortalAccessed.eventName, fact, unit);
    await this.writer.write(manager, [unit]);
    return true;
  }
}

const RECORD_VISIT = `
  update portal_accesses
  set first_accessed_at = coalesce(first_accessed_at, now()), last_accessed_at = now()
  where customer_id = $1 and status = 'active'
  returning first_accessed_at = now() as "isFirst"`;

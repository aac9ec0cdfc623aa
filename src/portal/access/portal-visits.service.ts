import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PortalAccessed } from '../../events/portal/portal-accessed.event.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** Records when customers entered the portal. */
@Injectable()
export class PortalVisits {
  constructor(private readonly facts: Facts) {}

  /**
   * Records a visit in the given transaction. Returns false and records nothing if the customer has no active
   * access.
   */
  async record(
    manager: EntityManager,
    { customerId, stripeCustomerId }: { customerId: string; stripeCustomerId: string },
    via: PortalAccessed['via'],
  ): Promise<boolean> {
    const [rows] = await manager.query<[{ isFirst: boolean; userId: string | null }[], number]>(
      RECORD_VISIT,
      [customerId],
    );
    const [visit] = rows;
    if (!visit) return false;
    const { userId, isFirst } = visit;
    await this.facts.record(manager, new PortalAccessed(customerId, stripeCustomerId, userId, via, isFirst));
    return true;
  }
}

const RECORD_VISIT = `
  update portal_accesses
  set first_accessed_at = coalesce(first_accessed_at, now()), last_accessed_at = now()
  where customer_id = $1 and status = 'active'
  returning first_accessed_at = now() as "isFirst",
    (select user_id from customers where id = customer_id) as "userId"`;

import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { PortalAccessChanged } from '../../events/portal/portal-access-changed.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { PortalLink } from '../links/portal-link.entity.js';
import { PortalAccess, type PortalAccessStatus, type PortalPermissions } from '../portal-access.entity.js';
import type { PortalAccessStateDto } from './portal-access.dto.js';

type Act = PortalAccessChanged['act'];

const ACTS: Record<PortalAccessStatus, Act> = {
  active: 'granted',
  suspended: 'suspended',
  revoked: 'revoked',
};

/** What operators do about access to the portal. */
@Injectable()
export class PortalAccessService {
  constructor(
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError customer_not_found */
  async get(stripeCustomerId: string): Promise<PortalAccessStateDto> {
    const { id } = await findCustomer(this.dataSource.manager, stripeCustomerId);
    return toDto(await this.dataSource.manager.findOneByOrFail(PortalAccess, { customerId: id }));
  }

  /**
   * @throws DomainError customer_not_found, customer_deleted (is never let in again), customer_unlinked, portal_access_unchanged,
   *   portal_access_revoked (what has ended cannot be suspended)
   */
  setStatus(
    stripeCustomerId: string,
    status: PortalAccessStatus,
    reason: string,
  ): Promise<PortalAccessStateDto> {
    return this.change(stripeCustomerId, ACTS[status], reason, (access) => {
      if (access.status === status) {
        throw new DomainError('portal_access_unchanged', `The access is ${status} already`);
      }
      if (status === 'suspended' && access.status === 'revoked') {
        throw new DomainError('portal_access_revoked', 'The access is revoked: there is nothing to suspend');
      }
      return { status, ...(status === 'active' ? { grantedAt: new Date() } : {}) };
    });
  }

  /** @throws DomainError customer_not_found, customer_deleted, customer_unlinked, portal_access_unchanged */
  setPermissions(
    stripeCustomerId: string,
    changes: Partial<PortalPermissions>,
    reason: string,
  ): Promise<PortalAccessStateDto> {
    return this.change(stripeCustomerId, 'permissions_changed', reason, ({ permissions: before }) => {
      const given = Object.entries(changes).filter(([, allowed]) => typeof allowed === 'boolean');
      const permissions = { ...before, ...Object.fromEntries(given) };
      if (JSON.stringify(permissions) === JSON.stringify(before)) {
        throw new DomainError('portal_access_unchanged', 'The permissions are so already');
      }
      return { permissions };
    });
  }

  private change(
    stripeCustomerId: string,
    act: Act,
    reason: string,
    decide: (access: PortalAccess) => Partial<PortalAccess>,
  ): Promise<PortalAccessStateDto> {
    return inTransaction(this.dataSource, async (manager) => {
      const customer = await findCustomer(manager, stripeCustomerId);
      if (customer.isDeleted) throw new DomainError('customer_deleted', 'The customer is deleted in Stripe');
      if (customer.isUnlinked) throw new DomainError('customer_unlinked', 'The customer belongs to no user');
      const access = await manager.findOneByOrFail(PortalAccess, { customerId: customer.id });
      const changes = { ...decide(access), updatedAt: new Date() };
      const { customerId, status } = access;
      const after = { ...access, ...changes };
      const unit = new UnitOfWork();
      unit.updateOne(PortalAccess, { customerId, status }, changes);
      if (after.status !== 'active') unit.update(PortalLink, { customerId }, { expiresAt: new Date() });
      const fact = new PortalAccessChanged(customerId, stripeCustomerId, act, reason, {
        before: access,
        after,
      });
      await this.emitter.emitAsync(PortalAccessChanged.eventName, fact, unit);
      await this.writer.write(manager, [unit]);
      return toDto(after);
    });
  }
}

interface PortalCustomer {
  id: string;
  isDeleted: boolean;
  isUnlinked: boolean;
}

/**
 * The newest customer of this id (test and live mode may share one). In a transaction its row is held, so that a
 * deletion waits, and has the last word.
 */
async function findCustomer(manager: EntityManager, stripeCustomerId: string): Promise<PortalCustomer> {
  const [customer] = await manager.query<PortalCustomer[]>(
    `select id, deleted_at is not null as "isDeleted", user_id is null as "isUnlinked" from customers
     where stripe_customer_id = $1 order by id desc limit 1
     ${manager.queryRunner?.isTransactionActive ? 'for no key update' : ''}`,
    [stripeCustomerId],
  );
  if (!customer) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
  return customer;
}

function toDto({ metadata: _metadata, ...access }: PortalAccess): PortalAccessStateDto {
  return { ...access, permissions: { ...access.permissions } };
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { PortalAccessChanged } from '../../events/portal/portal-access-changed.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { PortalLink } from '../portal-link.entity.js';
import { PortalAccess, type PortalAccessStatus, type PortalPermissions } from '../portal-access.entity.js';
import type { PortalAccessStateDto } from './portal-access.dto.js';
import { Facts } from '../../platform/facts/facts.service.js';

type Act = PortalAccessChanged['act'];

const ACTS: Record<PortalAccessStatus, Act> = {
  active: 'granted',
  suspended: 'suspended',
  revoked: 'revoked',
};

/** Shows and changes customers' access to the portal, for operators. */
@Injectable()
export class PortalAccessService {
  constructor(
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError customer_not_found */
  async get(stripeCustomerId: string): Promise<PortalAccessStateDto> {
    const { id } = await findCustomer(this.dataSource.manager, stripeCustomerId);
    return toDto(await this.dataSource.manager.findOneByOrFail(PortalAccess, { customerId: id }));
  }

  /**
   * @throws DomainError customer_not_found, customer_deleted (a deleted customer never gets access again),
   * customer_unlinked, portal_access_unchanged, portal_access_revoked (a revoked access cannot be suspended)
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
        throw new DomainError('portal_access_revoked', 'A revoked access cannot be suspended');
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
        throw new DomainError('portal_access_unchanged', 'The permissions are the same already');
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
      this.facts.emit(fact, unit);
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
 * Finds the newest customer with this id: test and live mode may share one. In a transaction the row is
 * locked, so that a deletion waits and is applied last.
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

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import {
  CustomerLinked,
  CustomerUnlinked,
  type Notified,
} from '../../events/customers/customer-links.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { findArms } from '../arms-of.queries.js';
import { Customer } from '../customer.entity.js';
import { toMingusUser, UsersSource } from '../users/users-source.service.js';
import type { CustomerLinkDto } from './customer-link.dto.js';
import { Facts } from '../../platform/facts/facts.service.js';

interface NotifiedRow {
  id: string;
  kind: string;
  isUsers: boolean;
  isSent: boolean;
}

/**
 * Links customers to users on behalf of an operator. Later events from Stripe do not change the link: for a
 * stored customer they update the fields, not the user.
 */
@Injectable()
export class CustomerLinksService {
  constructor(
    private readonly users: UsersSource,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws DomainError customer_not_found, customer_deleted, user_not_found */
  link(stripeCustomerId: string, userId: string): Promise<CustomerLinkDto> {
    return inTransaction(this.dataSource, async (manager) => {
      const customer = await this.lock(manager, stripeCustomerId);
      if (customer.deletedAt) {
        throw new DomainError('customer_deleted', `Customer ${stripeCustomerId} was deleted in Stripe`);
      }
      const { user } = await this.users.ask(userId, manager);
      if (!user) throw new DomainError('user_not_found', `No user ${userId}`);
      if (user.id === customer.userId) return toLink(customer, user.id, []);
      const fact = new CustomerLinked(customer.id, stripeCustomerId, customer.userId, toMingusUser(user), {
        notified: await findNotified(manager, user.id, customer.id),
        arms: await findArms(manager, user.id),
      });
      return toLink(customer, user.id, await this.facts.record(manager, fact));
    });
  }

  /** @throws DomainError customer_not_found */
  unlink(stripeCustomerId: string): Promise<CustomerLinkDto> {
    return inTransaction(this.dataSource, async (manager) => {
      const customer = await this.lock(manager, stripeCustomerId);
      if (customer.userId === null) return toLink(customer, null, []);
      const fact = new CustomerUnlinked(customer.id, stripeCustomerId, customer.userId);
      return toLink(customer, null, await this.facts.record(manager, fact));
    });
  }

  /** Locks the customer, so that concurrent acts on it run one after another, and its deletion waits. */
  private async lock(manager: EntityManager, stripeCustomerId: string): Promise<Customer> {
    const [customer] = await manager.find(Customer, {
      where: { stripeCustomerId },
      order: { id: 'DESC' },
      take: 1,
      lock: { mode: 'for_no_key_update' },
    });
    if (!customer) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    return customer;
  }
}

/** Which notifications the user has had, and which have been sent to the customer. */
async function findNotified(manager: EntityManager, userId: string, customerId: string): Promise<Notified> {
  const rows: NotifiedRow[] = await manager.query(
    `select id, kind || '/' || channel as kind, user_id is not distinct from $1 as "isUsers",
       customer_id = $2 and status = 'sent' as "isSent"
     from notifications where (user_id = $1 or customer_id = $2) and occurrence = ''`,
    [userId, customerId],
  );
  const sent = rows.filter(({ isSent }) => isSent).map(({ id, kind }) => ({ notificationId: id, kind }));
  return {
    kinds: rows.filter(({ isUsers }) => isUsers).map(({ kind }) => kind),
    sent: [...new Map(sent.map((notification) => [notification.kind, notification])).values()],
  };
}

function toLink(customer: Customer, userId: string | null, changes: string[]): CustomerLinkDto {
  return { stripeCustomerId: customer.stripeCustomerId, userIdBefore: customer.userId, userId, changes };
}

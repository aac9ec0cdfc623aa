import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import { UnknownCustomerErased } from '../../events/customers/unknown-customer-erased.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { forgetInJobs } from '../../platform/jobs/job-payloads.queries.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Customer } from '../customer.entity.js';
import { User } from '../users/user.entity.js';
import type { ErasureDto, UserErasureDto } from './erasure.dto.js';
import { addressesOf } from './person-addresses.queries.js';

/** Forgets a person, in one transaction; what is left is a tombstone of ids. */
@Injectable()
export class Erasure {
  constructor(
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Once more is nothing.
   * @throws DomainError customer_not_found, erasure_not_confirmed
   */
  async erase(stripeCustomerId: string, confirm: string): Promise<ErasureDto> {
    assertConfirmed(stripeCustomerId, confirm);
    return inTransaction(this.dataSource, async (manager) => {
      const customers = await manager.find(Customer, {
        where: { stripeCustomerId },
        lock: { mode: 'pessimistic_write' },
      });
      if (customers.length === 0) return this.eraseUnknown(manager, stripeCustomerId);
      const present = customers.filter(({ erasedAt }) => erasedAt === null);
      for (const customer of present) await this.eraseCustomer(manager, customer);
      if (present.length === 0) await this.eraseEvents(manager, stripeCustomerId);
      const erased = await manager.findBy(Customer, { stripeCustomerId });
      return { stripeCustomerId, erasedAt: newestOf(erased.map(({ erasedAt }) => erasedAt as Date)) };
    });
  }

  private async eraseCustomer(manager: EntityManager, customer: Customer): Promise<void> {
    const { id: customerId, stripeCustomerId, userId } = customer;
    const userIds = userId === null ? [] : [userId];
    const addresses = await addressesOf(manager, { customerIds: [customerId], userIds });
    const [lifecycle] = await manager.query<{ stage: string }[]>(
      'select stage from customer_lifecycles where customer_id = $1',
      [customerId],
    );
    const unit = new UnitOfWork();
    const stage = lifecycle?.stage ?? 'churned';
    const fact = new CustomerErased(customerId, stripeCustomerId, userId, addresses, stage);
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    forgetInJobs([customerId, ...addresses], unit);
    await this.writer.write(manager, [unit]);
  }

  /**
   * Forgets a MINGUS user with all their customers: also one who never had any, or came back after they were erased.
   * @throws DomainError user_not_found, erasure_not_confirmed
   */
  async eraseUser(userId: string, confirm: string): Promise<UserErasureDto> {
    assertConfirmed(userId, confirm);
    return inTransaction(this.dataSource, async (manager) => {
      const user = await manager.findOne(User, {
        where: { id: userId },
        lock: { mode: 'pessimistic_write' },
      });
      const customers = await manager.find(Customer, {
        where: { userId },
        lock: { mode: 'pessimistic_write' },
      });
      if (!user && customers.length === 0) throw new DomainError('user_not_found', `No user ${userId}`);
      const addresses = await addressesOf(manager, { customerIds: [], userIds: [userId] });
      for (const customer of customers) await this.eraseCustomer(manager, customer);
      const unit = new UnitOfWork();
      const fact = new UserErased(userId, addresses);
      await this.emitter.emitAsync(fact.eventName, fact, unit);
      forgetInJobs(addresses, unit);
      await this.writer.write(manager, [unit]);
      return { userId, stripeCustomerIds: customers.map(({ stripeCustomerId }) => stripeCustomerId) };
    });
  }

  /** Only events tell of it: none has led to a customer. */
  private async eraseUnknown(manager: EntityManager, stripeCustomerId: string): Promise<ErasureDto> {
    const events = await this.eraseEvents(manager, stripeCustomerId);
    if (events.length === 0) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    return { stripeCustomerId, erasedAt: newestOf(events.map(({ at }) => at)) };
  }

  /** Those that led to no customer. @returns when each was decided */
  private async eraseEvents(manager: EntityManager, stripeCustomerId: string): Promise<{ at: Date }[]> {
    const events = await manager.query<{ hasBody: boolean; at: Date }[]>(EVENTS, [stripeCustomerId]);
    if (!events.some(({ hasBody }) => hasBody)) return events;
    const unit = new UnitOfWork();
    const fact = new UnknownCustomerErased(stripeCustomerId);
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    await this.writer.write(manager, [unit]);
    return [{ at: new Date() }];
  }
}

const EVENTS = `
  select body is not null as "hasBody", decided_at as at from webhook_events
  where outcome in ('unmatched', 'pending_user') and stripe_customer_id = $1
  union all
  select body is not null, decided_at from webhook_events where outcome = 'rejected' and stripe_customer_id = $1`;

/** Cannot be undone: whoever asks says twice who is meant. */
function assertConfirmed(id: string, confirm: string): void {
  if (confirm !== id) throw new DomainError('erasure_not_confirmed', `confirm must be ${JSON.stringify(id)}`);
}

function newestOf(times: readonly Date[]): Date {
  return new Date(Math.max(...times.map((time) => time.getTime())));
}

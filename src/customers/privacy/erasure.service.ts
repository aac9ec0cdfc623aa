import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UserErased } from '../../events/customers/user-erased.event.js';
import { UnknownCustomerErased } from '../../events/customers/unknown-customer-erased.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { forgetInJobs } from '../../platform/jobs/job-payloads.queries.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Customer } from '../customer.entity.js';
import { User } from '../users/user.entity.js';
import { UsersSource } from '../users/users-source.service.js';
import type { ErasureDto, ErasureReceiptDto, UserErasureDto } from './erasure.dto.js';
import { addressesOf } from './person-addresses.queries.js';
import { Facts } from '../../platform/facts/facts.service.js';

/** Erases a person in one transaction; jobs erase long histories. A tombstone of ids remains. */
@Injectable()
export class Erasure {
  constructor(
    private readonly writer: UnitOfWorkWriter,
    private readonly facts: Facts,
    private readonly users: UsersSource,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Erases a customer. Repeated, it erases what was stored since, which is usually nothing.
   * @throws DomainError customer_not_found, erasure_not_confirmed
   */
  async erase(stripeCustomerId: string, confirm: string): Promise<ErasureDto> {
    assertConfirmed(stripeCustomerId, confirm);
    const erased = await this.eraseHere(stripeCustomerId);
    return this.withReceipts(erased, [stripeCustomerId]);
  }

  private async withReceipts<T extends { isComplete: boolean }>(
    erased: T,
    stripeCustomerIds: readonly string[],
  ) {
    const receipts = await this.dataSource.query<ErasureReceiptDto[]>(RECEIPTS, [stripeCustomerIds]);
    return { ...erased, isComplete: erased.isComplete && areComplete(receipts), receipts };
  }

  private eraseHere(stripeCustomerId: string): Promise<Omit<ErasureDto, 'receipts'>> {
    return inTransaction(this.dataSource, async (manager) => {
      const customers = await manager.find(Customer, {
        where: { stripeCustomerId },
        lock: { mode: 'pessimistic_write' },
      });
      if (customers.length === 0) return this.eraseUnknown(manager, stripeCustomerId);
      const present = customers.filter(({ erasedAt }) => erasedAt === null);
      for (const customer of present) await this.eraseCustomer(manager, customer);
      if (present.length === 0) await this.eraseStrayEvents(manager, stripeCustomerId);
      const erased = await manager.findBy(Customer, { stripeCustomerId });
      const erasedAt = newestOf(erased.map((one) => one.erasedAt as Date));
      return { stripeCustomerId, erasedAt, isComplete: await isComplete(manager) };
    });
  }

  private async eraseCustomer(manager: EntityManager, customer: Customer): Promise<void> {
    const { id: customerId, stripeCustomerId, userId } = customer;
    const userIds = userId === null ? [] : [userId];
    const addresses = await addressesOf(manager, { customerIds: [customerId], userIds });
    const [stored] = await manager.query<{ stage: string; revision: number; mrr: Record<string, number> }[]>(
      STAGE_AND_REVENUE,
      [customerId],
    );
    const unit = new UnitOfWork();
    const { stage = 'churned', revision = 0, mrr = {} } = stored ?? {};
    const last = { stage, revenue: { revision, mrr } };
    const fact = new CustomerErased(customerId, stripeCustomerId, userId, addresses, last);
    this.facts.emit(fact, unit);
    forgetInJobs([customerId, ...addresses], unit);
    await this.writer.write(manager, [unit]);
  }

  /**
   * Erases a MINGUS user with all their customers. It also works for a user without customers, and for one
   * who was created again after an erasure.
   * @throws DomainError user_not_found, erasure_not_confirmed
   */
  async eraseUser(given: string, confirm: string): Promise<UserErasureDto> {
    assertConfirmed(given, confirm);
    const userId = await this.users.idOf(given);
    const erased = await this.eraseUserHere(userId);
    return this.withReceipts(erased, erased.stripeCustomerIds);
  }

  private eraseUserHere(userId: string): Promise<Omit<UserErasureDto, 'receipts'>> {
    return inTransaction(this.dataSource, async (manager) => {
      const user = await manager.findOne(User, {
        where: { id: userId },
        lock: { mode: 'pessimistic_write' },
      });
      const customers = await manager.find(Customer, {
        where: { userId },
        lock: { mode: 'pessimistic_write' },
      });
      if (!user && customers.length === 0 && !(await isKnownOtherwise(manager, userId)))
        throw new DomainError('user_not_found', `No user ${userId}`);
      const addresses = await addressesOf(manager, { customerIds: [], userIds: [userId] });
      for (const customer of customers) await this.eraseCustomer(manager, customer);
      const unit = new UnitOfWork();
      const fact = new UserErased(userId, addresses, uuidv7());
      this.facts.emit(fact, unit);
      forgetInJobs(addresses, unit);
      await this.writer.write(manager, [unit]);
      const stripeCustomerIds = customers.map(({ stripeCustomerId }) => stripeCustomerId);
      return { userId, stripeCustomerIds, isComplete: await isComplete(manager) };
    });
  }

  /** Erases a customer with stored events only. */
  private async eraseUnknown(
    manager: EntityManager,
    stripeCustomerId: string,
  ): Promise<Omit<ErasureDto, 'receipts'>> {
    const events = await strayEventsOf(manager, stripeCustomerId);
    if (events.length === 0) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    if (events.every(({ code }) => code === 'person_erased'))
      return { stripeCustomerId, erasedAt: newestOf(events.map(({ at }) => at)), isComplete: true };
    await this.facts.record(manager, new UnknownCustomerErased(stripeCustomerId));
    return { stripeCustomerId, erasedAt: new Date(), isComplete: true };
  }

  private async eraseStrayEvents(manager: EntityManager, stripeCustomerId: string): Promise<void> {
    const events = await strayEventsOf(manager, stripeCustomerId);
    if (events.some(({ hasBody }) => hasBody))
      await this.facts.record(manager, new UnknownCustomerErased(stripeCustomerId));
  }
}

const RECEIPTS = `
  select connector, stripe_customer_id as "stripeCustomerId", status, reason, requested_at as "requestedAt",
    settled_at as "settledAt"
  from connector_erasures where stripe_customer_id = any($1) order by stripe_customer_id, connector`;

/** A system that cannot erase is left to the operator. */
function areComplete(receipts: readonly ErasureReceiptDto[]): boolean {
  return receipts.every(({ status }) => status !== 'under_way' && status !== 'refused');
}

const STAGE_AND_REVENUE = `
  select coalesce(stage, 'churned') as stage, coalesce(revision, 0) as revision, coalesce(mrr, '{}') as mrr
  from customers c
  left join customer_lifecycles l on l.customer_id = c.id
  left join customer_revenues r on r.customer_id = c.id
  where c.id = $1`;

/** An event about a person that led to no customer. */
interface StrayEvent {
  code: string | null;
  hasBody: boolean;
  at: Date;
}

function strayEventsOf(manager: EntityManager, stripeCustomerId: string): Promise<StrayEvent[]> {
  return manager.query<StrayEvent[]>(STRAY_EVENTS, [stripeCustomerId]);
}

/** Each part of the union uses an index. */
const STRAY_EVENTS = `
  select error_code as code, body is not null as "hasBody", decided_at as at from webhook_events
  where outcome in ('unmatched', 'pending_user', 'pending_customer') and stripe_customer_id = $1
  union all
  select error_code, body is not null, decided_at from webhook_events
  where outcome = 'rejected' and stripe_customer_id = $1`;

/** A user of `USERS_TABLE` may have no other row here. */
async function isKnownOtherwise(manager: EntityManager, userId: string): Promise<boolean> {
  const [{ isKnown }] = await manager.query<[{ isKnown: boolean }]>(IS_KNOWN_OTHERWISE, [userId]);
  return isKnown;
}

const IS_KNOWN_OTHERWISE = `
  select exists (select from user_milestones where user_id = $1)
    or exists (select from experiment_units where user_id = $1)
    or exists (select from people where user_id = $1) as "isKnown"`;

/** Whether no job has to empty events of erased people. */
async function isComplete(manager: EntityManager): Promise<boolean> {
  const unfinished: unknown[] = await manager.query('select from people where is_emptying limit 1');
  return unfinished.length === 0;
}

/** An erasure cannot be undone, so the caller has to repeat the id. */
function assertConfirmed(id: string, confirm: string): void {
  if (confirm !== id) throw new DomainError('erasure_not_confirmed', `confirm must be ${JSON.stringify(id)}`);
}

function newestOf(times: readonly Date[]): Date {
  return new Date(Math.max(...times.map((time) => time.getTime())));
}

import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
import { UnknownCustomerErased } from '../../events/customers/unknown-customer-erased.event.js';
import { spellingsOf } from '../../platform/address-spellings.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Customer } from '../customer.entity.js';
import type { ErasureDto } from './erasure.dto.js';

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
    if (confirm !== stripeCustomerId) {
      throw new DomainError(
        'erasure_not_confirmed',
        'confirm must be the id of the customer that is to be erased',
      );
    }
    return inTransaction(this.dataSource, async (manager) => {
      const customers = await manager.find(Customer, {
        where: { stripeCustomerId },
        lock: { mode: 'pessimistic_write' },
      });
      if (customers.length === 0) return this.eraseUnknown(manager, stripeCustomerId);
      const present = customers.filter(({ erasedAt }) => erasedAt === null);
      for (const customer of present) await this.eraseCustomer(manager, customer);
      const erased = await manager.findBy(Customer, { stripeCustomerId });
      return { stripeCustomerId, erasedAt: newestOf(erased.map(({ erasedAt }) => erasedAt as Date)) };
    });
  }

  private async eraseCustomer(manager: EntityManager, customer: Customer): Promise<void> {
    const { id: customerId, stripeCustomerId, userId } = customer;
    const addresses = await addressesOf(manager, customer);
    const [lifecycle] = await manager.query<{ stage: string }[]>(
      'select stage from customer_lifecycles where customer_id = $1',
      [customerId],
    );
    const unit = new UnitOfWork();
    const stage = lifecycle?.stage ?? 'churned';
    const fact = new CustomerErased(customerId, stripeCustomerId, userId, addresses, stage);
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    for (const text of [customerId, ...addresses]) {
      unit.execute(FORGET_IN_PAYLOADS, { text });
      unit.execute(FORGET_JOBS, { text });
    }
    await this.writer.write(manager, [unit]);
  }

  /** Only events tell of it: none has led to a customer. */
  private async eraseUnknown(manager: EntityManager, stripeCustomerId: string): Promise<ErasureDto> {
    const events = await manager.query<{ code: string | null; at: Date }[]>(EVENTS, [stripeCustomerId]);
    if (events.length === 0) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
    if (events.every(({ code }) => code === 'person_erased'))
      return { stripeCustomerId, erasedAt: newestOf(events.map(({ at }) => at)) };
    const unit = new UnitOfWork();
    const fact = new UnknownCustomerErased(stripeCustomerId);
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    await this.writer.write(manager, [unit]);
    return { stripeCustomerId, erasedAt: new Date() };
  }
}

const EVENTS = `
  select error_code as code, decided_at as at from webhook_events
  where outcome in ('unmatched', 'pending_user') and stripe_customer_id = $1
  union all
  select error_code, decided_at from webhook_events where outcome = 'rejected' and stripe_customer_id = $1`;

function newestOf(times: readonly Date[]): Date {
  return new Date(Math.max(...times.map((time) => time.getTime())));
}

/** The present one, those before (the audit has each change), and the user's own, in every spelling. */
async function addressesOf(manager: EntityManager, { id, userId, email }: Customer): Promise<string[]> {
  const rows = await manager.query<{ address: string }[]>(ADDRESSES, [id, userId, email]);
  const known = rows.map(({ address }) => address).filter((address) => address !== '');
  return [...new Set(known.flatMap(spellingsOf))];
}

const ADDRESSES = `
  select $3 as address
  union select email from users where id = $2
  union select told #>> '{}' from audit_entries, jsonb_path_query(personal, '$.email.*') as told
    where customer_id = $1 and action = 'customer.updated'`;

/** Jobs have up to 20 payloads: those of others stay. What runs already has read its own. */
const FORGET_IN_PAYLOADS = `
  update graphile_worker._private_jobs set payload = (
    select coalesce(json_agg(item), '[]') from json_array_elements(payload) as item where not ${holds('item')}
  )
  from json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'array' and ${holds('payload')}`;

const FORGET_JOBS = `
  delete from graphile_worker._private_jobs
  using json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'object' and locked_at is null and ${holds('payload')}`;

/** Whether one of its values is the wanted text; addresses are kept in small letters in places. */
function holds(json: string): string {
  return `exists (select from jsonb_path_query(${json}::jsonb, '$.**') as value
    where lower(value #>> '{}') = lower(wanted.text))`;
}

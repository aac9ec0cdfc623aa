import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CustomerErased } from '../../events/customers/customer-erased.event.js';
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
      const customer = await lockNewest(manager, stripeCustomerId);
      const { id: customerId, userId, erasedAt } = customer;
      if (erasedAt) return { stripeCustomerId, erasedAt };
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
      const { erasedAt: at } = await manager.findOneByOrFail(Customer, { id: customerId });
      return { stripeCustomerId, erasedAt: at as Date };
    });
  }
}

async function lockNewest(manager: EntityManager, stripeCustomerId: string): Promise<Customer> {
  const [customer] = await manager.find(Customer, {
    where: { stripeCustomerId },
    order: { id: 'DESC' },
    take: 1,
    lock: { mode: 'pessimistic_write' },
  });
  if (!customer) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
  return customer;
}

/** The present one, those before (the audit has each change), and the user's own. */
async function addressesOf(manager: EntityManager, { id, userId, email }: Customer): Promise<string[]> {
  const rows = await manager.query<{ address: string }[]>(ADDRESSES, [id, userId, email]);
  return rows.map(({ address }) => address);
}

const ADDRESSES = `
  select $3 as address
  union select email from users where id = $2
  union select told #>> '{}' from audit_entries, jsonb_path_query(personal, '$.email.*') as told
    where customer_id = $1 and action = 'customer.updated'`;

/** Jobs have up to 20 payloads: those of others stay. What runs already has read its own. */
const FORGET_IN_PAYLOADS = `
  update graphile_worker._private_jobs set payload = (
    select coalesce(json_agg(item), '[]') from json_array_elements(payload) as item
    where strpos(item::text, wanted.text) = 0
  )
  from json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'array' and strpos(payload::text, wanted.text) > 0`;

const FORGET_JOBS = `
  delete from graphile_worker._private_jobs
  using json_to_recordset($1::json) as wanted (text text)
  where json_typeof(payload) = 'object' and locked_at is null and strpos(payload::text, wanted.text) > 0`;

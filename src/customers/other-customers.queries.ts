import type { EntityManager } from 'typeorm';
import type { Customer } from './customer.entity.js';

/** For each customer (our id): the Stripe ids of its user's other customers in the same mode. */
export async function findOtherCustomers(
  manager: EntityManager,
  customers: readonly Customer[],
): Promise<Map<string, string[]>> {
  const rows = await manager.query<{ id: string; others: string[] }[]>(
    `select c.id, array(
       select o.stripe_customer_id from customers o
       where o.user_id = c.user_id and o.livemode = c.livemode and o.id <> c.id and o.deleted_at is null
       order by o.id limit 10) as others
     from customers c where c.id = any($1::uuid[])`,
    [customers.map(({ id }) => id)],
  );
  return new Map(rows.map(({ id, others }) => [id, others]));
}

import type { EntityManager } from 'typeorm';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** A customer of a user, as far as experiments know it. */
export interface UsersCustomer {
  id: string;
  metadata: Record<string, string>;
  address: Record<string, unknown> | null;
}

/** The first customer of a user that is not erased: what it does counts for the user. */
export async function findFirstCustomer(
  manager: EntityManager,
  userId: string,
): Promise<UsersCustomer | null> {
  const [found] = await manager.query<UsersCustomer[]>(FIRST_CUSTOMER, [userId]);
  return found ?? null;
}

/** Names the customer of a user's unit, if it has none yet. */
export function nameCustomer(link: { userId: string; customerId: string }, unit: UnitOfWork): void {
  unit.execute(NAME_CUSTOMER, link);
}

/** A customer leaves its user: what it does counts no more for that user, but what the user's next customer does. */
export function releaseCustomer(link: { userId: string; customerId: string }, unit: UnitOfWork): void {
  unit.execute(RELEASE_CUSTOMER, link);
}

/** The ids of customers are in the order of their creation. */
const FIRST_CUSTOMER = `
  select id, metadata, address from customers where user_id = $1 and erased_at is null order by id limit 1`;

const NAME_CUSTOMER = `
  update experiment_units set customer_id = "customerId"
  from json_to_recordset($1::json) as named ("customerId" uuid, "userId" text)
  where user_id = "userId" and customer_id is null`;

const RELEASE_CUSTOMER = `
  update experiment_units set customer_id = (
    select id from customers
    where customers.user_id = "userId" and id <> "customerId" and erased_at is null
    order by id limit 1
  )
  from json_to_recordset($1::json) as released ("customerId" uuid, "userId" text)
  where user_id = "userId" and customer_id = "customerId"`;

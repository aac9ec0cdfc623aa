import type { EntityManager } from 'typeorm';
import { spellingsOf } from '../../platform/mail-address.js';

/** A person: customers (our ids) and the users they belong to. */
export interface Person {
  customerIds: readonly string[];
  userIds: readonly string[];
}

/**
 * The current, former and refused addresses of a person, in every spelling. Former addresses come from the audit,
 * refused ones from events.
 */
export async function addressesOf(
  manager: EntityManager,
  { customerIds, userIds }: Person,
): Promise<string[]> {
  const rows = await manager.query<{ address: string }[]>(ADDRESSES, [customerIds, userIds]);
  const known = rows.map(({ address }) => address).filter((address) => address);
  return [...new Set(known.flatMap(spellingsOf))];
}

const ADDRESSES = `
  select email as address from customers where id = any($1)
  union select email from users where id = any($2)
  union select changed #>> '{}' from audit_entries, jsonb_path_query(personal, '$.email.*') as changed
    where customer_id = any($1) and action = 'customer.updated'
  union select email from webhook_events where customer_id = any($1)
  union select event.email from webhook_events event join customers using (stripe_customer_id)
    where customers.id = any($1) and event.customer_id is null
  union select personal ->> 'email' from audit_entries where object_type = 'user' and object_id = any($2)`;

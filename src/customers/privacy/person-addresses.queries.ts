import type { EntityManager } from 'typeorm';
import { spellingsOf } from '../../platform/mail-address.js';

/** Who is meant: customers (our ids), and the users they belong to. */
export interface Person {
  customerIds: readonly string[];
  userIds: readonly string[];
}

/** The addresses of a person, also those before (the audit has each change), in every spelling. */
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
  union select told #>> '{}' from audit_entries, jsonb_path_query(personal, '$.email.*') as told
    where customer_id = any($1) and action = 'customer.updated'
  union select personal ->> 'email' from audit_entries where object_type = 'user' and object_id = any($2)`;

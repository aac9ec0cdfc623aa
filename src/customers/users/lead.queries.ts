import type { UsersTable } from '../customers.settings.js';
import { columnOf, type UserIdType } from './user-id-types.js';

/** A user without a customer. */
export interface LeadRow {
  id: string;
  created_at: Date;
}

/**
 * Takes the id after which the page begins as `$1`, or null, and the size of the page as `$2`. A user whose customer was
 * deleted in Stripe is no lead.
 */
export function toSelectLeads(users: UsersTable, { value, isGreater }: UserIdType): string {
  const id = columnOf(users, 'id');
  const createdAt = `${columnOf(users, 'createdAt')}::timestamptz`;
  return `
    select ${id}::text as id, case when isfinite(${createdAt}) then ${createdAt} else 'epoch' end as created_at
    from "${users.schema}"."${users.table}" u, (select $1::text as id) as asked
    where (asked.id is null or ${id} ${isGreater} ${value})
      and not exists (select from customers c where c.user_id = ${id}::text)
    order by ${id}
    limit $2`;
}

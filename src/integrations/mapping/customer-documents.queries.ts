import type { EntityManager } from 'typeorm';
import type { CustomerDocument } from './customer-document.js';

/** A customer as it is now. */
export interface ReadCustomer {
  document: CustomerDocument;
  isErased: boolean;
}

/** Reads some customers with all that mappings can name, in one round trip. By customer id. */
export async function readCustomers(
  manager: EntityManager,
  customerIds: readonly string[],
): Promise<Map<string, ReadCustomer>> {
  const rows = await manager.query<ReadCustomer[]>(CUSTOMERS, [customerIds]);
  return new Map(rows.map((row) => [row.document.customer.id, row]));
}

/** A time in ISO 8601, UTC, with milliseconds. */
const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const CUSTOMERS = `
  select erased_at is not null as "isErased", jsonb_build_object(
    'customer', jsonb_build_object(
      'id', c.id, 'stripeCustomerId', c.stripe_customer_id, 'email', c.email, 'name', c.name, 'phone', c.phone,
      'currency', c.currency, 'country', c.address ->> 'country', 'metadata', c.metadata, 'livemode', c.livemode,
      'createdAt', ${iso('coalesce(c.stripe_created_at, c.created_at)')}, 'deletedAt', ${iso('c.deleted_at')}),
    'user', jsonb_build_object('id', c.user_id),
    'lifecycle', jsonb_build_object(
      'stage', l.stage, 'stageEnteredAt', ${iso('l.stage_entered_at')}, 'risks', coalesce(to_jsonb(l.risks), '[]'),
      'milestones', coalesce(l.milestones, '{}')),
    'revenue', jsonb_build_object('mrr', coalesce(r.mrr, '{}')),
    'preferences', jsonb_build_object('locale', p.locale, 'timezone', p.timezone),
    'segments', coalesce((
      select jsonb_agg(segments.name order by segments.name) from customer_segments
      join segments on serving_version_id = any(member_of) where customer_segments.customer_id = c.id), '[]'),
    'attributes', coalesce((
      select jsonb_object_agg(key, value) from customer_attributes where customer_attributes.customer_id = c.id), '{}')
  ) as document
  from customers c
  left join customer_lifecycles l on l.customer_id = c.id
  left join customer_revenues r on r.customer_id = c.id
  left join customer_preferences p on p.customer_id = c.id
  where c.id = any($1)`;

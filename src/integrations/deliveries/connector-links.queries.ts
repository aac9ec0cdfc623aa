import type { EntityManager } from 'typeorm';

/** What a system is known to have of a customer. */
export interface WrittenLink {
  connector: string;
  customerId: string;
  foreignId: string | null;
  fieldsDigest: string | null;
  at: Date;
}

/** Records what systems have accepted. */
export async function writeLinks(manager: EntityManager, links: readonly WrittenLink[]): Promise<void> {
  if (links.length > 0) await manager.query(LINK, [JSON.stringify(links)]);
}

const LINK = `
  insert into connector_links as link (connector, customer_id, foreign_id, fields_digest, created_at, updated_at)
  select connector, "customerId", "foreignId", "fieldsDigest", at, at
  from json_to_recordset($1::json) as linked (
    connector text, "customerId" uuid, "foreignId" text, "fieldsDigest" text, at timestamptz)
  order by "customerId"
  on conflict (connector, customer_id) do update
  set foreign_id = coalesce(excluded.foreign_id, link.foreign_id), fields_digest = excluded.fields_digest,
    updated_at = excluded.updated_at`;

/**
 * After attempts that may have written fields, no fields count as those that the systems have. Otherwise a person who is
 * again as before the attempt would not be written.
 */
export async function distrustLinks(manager: EntityManager, deliveryIds: readonly string[]): Promise<void> {
  if (deliveryIds.length > 0) await manager.query(DISTRUST, [deliveryIds]);
}

/** The person stays one that the system knows, so that its fields to be written once are not written again. */
const DISTRUST = `
  update connector_links link set fields_digest = 'unknown', updated_at = now()
  from deliveries
  where deliveries.id = any($1) and deliveries.kind = 'upsertPerson' and fields_digest is not null
    and link.connector = deliveries.connector and link.customer_id = deliveries.customer_id`;

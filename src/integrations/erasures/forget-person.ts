import type { EntityManager } from 'typeorm';

/** Removes the ids that a system gave a person and what actions created about the person. */
export async function forgetPerson(
  manager: EntityManager,
  connector: string,
  customerId: string,
): Promise<void> {
  await manager.query(UNLINK, [connector, customerId]);
  await manager.query(FORGET_CREATED, [connector, customerId]);
}

const UNLINK = 'delete from connector_links where connector = $1 and customer_id = $2';

const FORGET_CREATED = `
  update deliveries set foreign_id = null
  where connector = $1 and customer_id = $2 and foreign_id is not null`;

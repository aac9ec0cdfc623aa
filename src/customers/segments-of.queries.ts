import type { EntityManager } from 'typeorm';

/** The names of the segments that a customer is a member of. */
export async function findSegmentsOf(manager: EntityManager, customerId: string): Promise<string[]> {
  const rows = await manager.query<{ name: string }[]>(
    `select name from customer_segments join segments on serving_version_id = any(member_of)
     where customer_id = $1 order by 1`,
    [customerId],
  );
  return rows.map(({ name }) => name);
}

/** The id of the version of a segment that serves: null while none does; undefined for an unknown segment. */
export async function findServingVersion(
  manager: EntityManager,
  segment: string,
): Promise<number | null | undefined> {
  const [row] = await manager.query<{ id: number | null }[]>(
    'select serving_version_id as id from segments where name = $1',
    [segment],
  );
  return row?.id;
}

/** SQL of the ids of a version's members. */
export const MEMBERS_OF = 'select customer_id from segment_members where version_id = :versionId';

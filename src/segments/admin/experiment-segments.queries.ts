import type { EntityManager } from 'typeorm';

/** The segments whose members take part in running experiments. */
export async function findEligibleSegments(manager: EntityManager): Promise<string[]> {
  const rows = await manager.query<{ segment: string }[]>(
    `select distinct segment from experiments where segment is not null and status = 'running'`,
  );
  return rows.map(({ segment }) => segment);
}

import type { EntityManager } from 'typeorm';

/** Begins a change of definitions: one transaction at a time, and all processes read them again after it. */
export async function reviseDefinitions(manager: EntityManager): Promise<void> {
  await manager.query('update segment_revisions set revision = revision + 1');
}

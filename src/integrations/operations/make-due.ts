import type { EntityManager } from 'typeorm';

/**
 * Makes due what waits for its next attempt, except deliveries with an unknown outcome: what they created may not be found
 * at once.
 */
export async function makeDue(manager: EntityManager, connector: string): Promise<void> {
  await manager.query(MAKE_DUE, [connector]);
}

const MAKE_DUE = `
  update deliveries set next_attempt_at = now()
  where connector = $1 and status = 'queued' and next_attempt_at > now() and not is_unknown`;

import type { EntityManager } from 'typeorm';
import { ConnectorInstance } from '../../connectors/connector-instance.entity.js';

/** After a pause, one attempt at a time tests the connector. Its turn is as long as a claim. */
export async function takeTurn(manager: EntityManager, name: string, claimMs: number): Promise<boolean> {
  const [, taken] = await manager.query<[unknown[], number]>(TAKE_TURN, [name, claimMs / 1000]);
  return taken === 1;
}

const TAKE_TURN = `
  update connectors set probe_until = now() + make_interval(secs => $2)
  where name = $1 and coalesce(probe_until, '-infinity') < now()`;

/** Gives the turn back if there was nothing to try. */
export async function returnTurn(manager: EntityManager, name: string): Promise<void> {
  await manager.update(ConnectorInstance, { name }, { probeUntil: null });
}

import type {
  Connector,
  ConnectorSession,
  Fields,
  OutgoingRow,
  RowResult,
} from '../../../src/integrations/connectors/connector.js';
import { aRow } from './open-session.js';

/** A name that is too long everywhere, with marks of other languages in it. */
export const HOSTILE_NAME = `"'); drop <b>${'👩‍🚀'.repeat(2000)}`;

/** A ticket about a new person, or that of `changes`. */
export function aTicket(changes: Partial<OutgoingRow> = {}, fields: Fields = {}): OutgoingRow {
  return aRow('createTicket', { fields: { title: 'Call', body: 'Plan: gold', ...fields }, ...changes });
}

/** The result of one row alone. */
export async function deliverOne(
  connector: Connector,
  row: OutgoingRow,
  session: ConnectorSession,
): Promise<RowResult & { foreignId?: string }> {
  const [result] = await connector.deliver([row], session);
  return result ?? { result: 'unknown', code: 'no_result' };
}

/** The id that the system gives a row. */
export async function idOf(
  connector: Connector,
  row: OutgoingRow,
  session: ConnectorSession,
): Promise<string> {
  const { foreignId, ...result } = await deliverOne(connector, row, session);
  if (!foreignId) throw new Error(`No id: ${JSON.stringify(result)}`);
  return foreignId;
}

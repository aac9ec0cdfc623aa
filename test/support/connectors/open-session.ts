import ipaddr from 'ipaddr.js';
import type {
  Connector,
  ConnectorSession,
  DeliveryKind,
  Fields,
  OutgoingRow,
  RowResult,
} from '../../../src/integrations/connectors/connector.js';
import { withDefaults } from '../../../src/integrations/connectors/connector-sessions.service.js';
import { uuidv7 } from '../../../src/platform/database/uuid.js';
import { OutboundHttp } from '../../../src/platform/outbound/outbound-http.service.js';

type Values = Record<string, string | number | boolean>;

/** A busy machine answers later than an idle one; tests about silence wait this long. */
const ANSWER_WITHIN_MS = 2000;

/** A session with a fake on this machine, without the service, its database and its limits of rate. */
export function openSession(
  connector: Connector,
  given: Values,
  secrets: Record<string, string>,
): ConnectorSession {
  const http = new OutboundHttp({ allowed: [ipaddr.parseCIDR('127.0.0.0/8')] });
  return {
    settings: withDefaults(connector, given),
    secret: (name) => secrets[name] ?? '',
    request: (request) => http.send({ timeoutMs: ANSWER_WITHIN_MS, ...request }),
  };
}

/** A delivery about a new person. */
export function aRow(kind: DeliveryKind, changes: Partial<OutgoingRow> = {}): OutgoingRow {
  const customerId = uuidv7();
  const person = {
    customerId,
    stripeCustomerId: `cus_${customerId.slice(-12)}`,
    userId: null,
    email: `${customerId.slice(-12)}@example.com`,
    name: 'Ada Lovelace',
  };
  return { deliveryId: uuidv7(), kind, person, foreignId: null, fields: {}, event: null, ...changes };
}

/** The row of a person with another address, which is also its field `email`. */
export function withEmail(row: OutgoingRow, email: string): OutgoingRow {
  return { ...row, person: { ...row.person, email }, fields: { ...row.fields, email } };
}

/** A delivery about the person of a row; a task unless `changes` say otherwise. */
export function aRowAbout({ person, foreignId }: OutgoingRow, changes: Partial<OutgoingRow>): OutgoingRow {
  return aRow(changes.kind ?? 'createTask', { person, foreignId, ...changes });
}

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

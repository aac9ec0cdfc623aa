import type { ConnectorSession, Fields, OutgoingRow, RowResult } from '../../connectors/connector.js';
import { isSuccess, unsettledBy } from '../../connectors/http-results.js';
import { keepFilled } from '../../connectors/row-fields.js';
import { assertRead, EMAIL_OF_ANOTHER } from '../../connectors/row-results.js';
import { type Contact, CONTACTS, KEY, requestTo } from './hubspot-requests.js';

/** What came of a row whose address another contact has: it can be written again, or why not. */
export type Adoption = { row: OutgoingRow } | RowResult;

const REFUSED = { result: 'rejected', code: 'conflict' } as const;

/**
 * Writes our ids into contacts that HubSpot had before, found by their addresses. What people wrote there stays: fields
 * that are not always written are left out of the rows where the contact has a value.
 */
export async function adoptByEmail(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<Adoption[]> {
  const contacts = await findByEmail(rows, session);
  const adoptions: Adoption[] = [];
  for (const row of rows) adoptions.push(await adoptOne(row, contacts.get(emailOf(row)), session));
  return adoptions;
}

async function findByEmail(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<Map<string, Contact>> {
  const properties = [...new Set(['email', KEY, ...rows.flatMap(({ keptFields = [] }) => keptFields)])];
  const inputs = rows.map((row) => ({ id: emailOf(row) }));
  const body = { inputs, idProperty: 'email', properties };
  const response = await session.request(requestTo(session, 'POST', `${CONTACTS}/batch/read`, body));
  assertRead(response);
  const { results = [] } = response.json as { results?: Contact[] };
  return new Map(results.map((contact) => [contact.properties.email?.toLowerCase() ?? '', contact]));
}

async function adoptOne(
  row: OutgoingRow,
  contact: Contact | undefined,
  session: ConnectorSession,
): Promise<Adoption> {
  if (!contact) return REFUSED;
  const other = contact.properties[KEY];
  if (other) return EMAIL_OF_ANOTHER;
  const path = `${CONTACTS}/${contact.id}`;
  const body = { properties: { [KEY]: row.person.customerId } };
  const response = await session.request(requestTo(session, 'PATCH', path, body));
  if (isSuccess(response)) return { row: keepFilled(row, contact.properties as Fields) };
  // Another contact has our id: the person has changed the address to one that a further contact has.
  if (response.status === 400 || response.status === 409) return REFUSED;
  return unsettledBy(response);
}

function emailOf({ person, fields }: OutgoingRow): string {
  return String(fields.email ?? person.email).toLowerCase();
}

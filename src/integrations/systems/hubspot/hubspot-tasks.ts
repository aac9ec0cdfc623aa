import type {
  ConnectorSession,
  ConnectorValues,
  OutgoingRow,
  RowResult,
} from '../../connectors/connector.js';
import { isSuccess, NOT_IN_ANSWER, unsettledBy } from '../../connectors/http-results.js';
import { assertRead } from '../../connectors/row-results.js';
import { type Contact, CONTACTS, KEY, requestTo, TASKS } from './hubspot-requests.js';

/** HubSpot's own type of the association from a task to a contact. */
const TASK_TO_CONTACT = 204;

/** Creates a task for each row, about the contact of its person. */
export async function createTasks(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  for (const row of rows) results.push(await createTask(row, session));
  return results;
}

export function taskRequest({ foreignId, fields }: OutgoingRow, values: ConnectorValues) {
  const { title, body = '', dueAt = new Date().toISOString() } = fields;
  const properties = {
    hs_task_subject: title,
    hs_task_body: body,
    hs_task_status: 'NOT_STARTED',
    hs_timestamp: dueAt,
  };
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: TASK_TO_CONTACT }];
  const associations = [{ to: { id: foreignId ?? '<contact>' }, types }];
  return requestTo(values, 'POST', TASKS, { properties, associations });
}

async function createTask(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  const foreignId = row.foreignId ?? (await findContact(row.person.customerId, session));
  if (foreignId === null) return { result: 'rejected', code: 'person_not_in_system' };
  const response = await session.request(taskRequest({ ...row, foreignId }, session));
  if (!isSuccess(response)) return unsettledBy(response);
  const { id } = (response.json ?? {}) as { id?: string };
  return id ? { result: 'accepted', foreignId: id } : NOT_IN_ANSWER;
}

/** The id of the contact with our id; null if there is none. @throws ReadFailed, OutboundFault */
export async function findContact(customerId: string, session: ConnectorSession): Promise<string | null> {
  const path = `${CONTACTS}/${customerId}?idProperty=${KEY}`;
  const response = await session.request(requestTo(session, 'GET', path));
  if (response.status === 404) return null;
  assertRead(response);
  return (response.json as Contact).id;
}

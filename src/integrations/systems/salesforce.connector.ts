import { Injectable } from '@nestjs/common';
import {
  type Connector,
  type ConnectorDescription,
  type ConnectorHealth,
  type ConnectorSession,
  type ConnectorValues,
  Connects,
  type ErasedPerson,
  type ErasureResult,
  type Fields,
  type OutgoingRow,
  type PlannedRequest,
  ReadFailed,
  type RowResult,
  type Unsettled,
} from '../connectors/connector.js';
import { assertAccountSaid } from '../connectors/row-results.js';
import {
  emptyRecycleBin,
  fetchToken,
  freeAgainAt,
  KEY,
  query,
  quoted,
  rest,
  resultOf,
  type SalesforceRecord,
  type SavedRecord,
  saveAll,
  send,
  unsettledBySalesforce,
} from './salesforce/salesforce-api.js';
import { contactOf, matchOf, taskOf } from './salesforce/salesforce-records.js';

const COLLECTION = '/composite/sobjects';
const COLLECTION_MAX = 200;
/** Keeps the address of a query below 16 KB. */
const PERSONS_PER_QUERY = 75;
/** Longer addresses do not fit in Salesforce's fields of emails. */
const EMAIL_MAX = 80;
const ALL_FIELDS = 'FIELDS(ALL)';

/** Salesforce: contacts by our id, as an external id, and tasks about them. */
@Injectable()
@Connects('salesforce')
export class SalesforceConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'crm',
      title: 'Salesforce',
      settings: [
        {
          name: 'baseUrl',
          label: 'Address of My Domain, such as https://example.my.salesforce.com',
          kind: 'url',
        },
        {
          name: 'clientId',
          label: 'Consumer key of the external client app (client credentials flow)',
          kind: 'text',
        },
      ],
      secrets: [{ name: 'clientSecret', label: 'Consumer secret of the external client app' }],
      capabilities: ['upsertPerson', 'createTask', 'erase', 'readBack', 'search'],
      batch: { rows: COLLECTION_MAX, bytes: 2_000_000 },
      rate: { requests: 10, perSeconds: 1, concurrency: 2, freeAgainAt },
      mapping: {
        Email: { from: 'customer.email', apply: ['lower'] },
        // A contact that was there before keeps its names: it is read before it is adopted.
        FirstName: { from: 'customer.name', apply: ['first_word'], when: 'ifEmpty' },
        LastName: { from: 'customer.name', apply: ['last_words'], when: 'ifEmpty' },
        Phone: { from: 'customer.phone', when: 'ifEmpty' },
      },
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    return rows[0]?.kind === 'createTask' ? createTasks(rows, session) : upsertContacts(rows, session);
  }

  plan(row: OutgoingRow, values: ConnectorValues): PlannedRequest {
    const request =
      row.kind === 'createTask'
        ? tasksRequest([taskOf(row)], values)
        : upsertRequest([contactOf(row, row.foreignId === null)], values);
    return { body: null, ...request('<access token>') };
  }

  async readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    const contacts = await findContacts(rows, session, ALL_FIELDS);
    if ('result' in contacts) throw new ReadFailed(contacts);
    return rows.map((row) => {
      const match = matchOf(row, contacts);
      return typeof match === 'object' ? scalarsOf(match) : null;
    });
  }

  async search({ deliveryId }: OutgoingRow, session: ConnectorSession): Promise<string | null> {
    const tasks = await query(session, `SELECT Id FROM Task WHERE ${KEY} = ${quoted(deliveryId)}`);
    if ('result' in tasks) throw new ReadFailed(tasks);
    return tasks[0]?.Id ?? null;
  }

  /** Tasks first: those that are deleted with their contact cannot be removed from the recycle bin one by one. */
  async erase(
    { customerId, foreignIds, created }: ErasedPerson,
    session: ConnectorSession,
  ): Promise<ErasureResult> {
    const soql = `SELECT Id FROM Contact WHERE ${KEY} = ${quoted(customerId)}`;
    const found = await query(session, soql, 'queryAll');
    if ('result' in found) return found;
    const tasks = created.map(({ foreignId }) => foreignId);
    const ids = [...new Set([...tasks, ...foreignIds, ...found.map(({ Id }) => Id)])];
    let isGone = true;
    for (const some of chunksOf(ids, COLLECTION_MAX)) {
      const fault = await deleteAll(some, session);
      if (fault) return fault;
      isGone = (await emptyRecycleBin(some, session)) && isGone;
    }
    // What is still in the recycle bin leaves it after 15 days.
    return { receipt: isGone ? 'confirmed' : 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const health = { missingScopes: [], missingFields: [], quota: null, account: null };
    const token = await fetchToken(session);
    if ('status' in token) {
      if (token.status !== 401) assertAccountSaid(token, false);
      return { ...health, credential: 'refused' };
    }
    const limits = await send(session, rest(session, 'GET', '/limits'));
    const isContactReady = await hasKey('Contact', session);
    const isTaskReady = await hasKey('Task', session);
    const daily = (limits.json as { DailyApiRequests?: { Max: number; Remaining: number } } | undefined)
      ?.DailyApiRequests;
    return {
      credential: limits.status === 401 ? 'refused' : 'accepted',
      missingScopes: limits.status === 403 && !limits.text.includes('REQUEST_LIMIT_EXCEEDED') ? ['api'] : [],
      missingFields: [
        ...(isContactReady ? [] : [`Contact.${KEY} (text of 36, external id, unique)`]),
        ...(isTaskReady ? [] : [`Activity.${KEY} (text of 36)`]),
      ],
      quota: daily ? { limit: daily.Max, remaining: daily.Remaining, resetsAt: null } : null,
      account: token.organization,
    };
  }
}

async function upsertContacts(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
  const results = new Map<OutgoingRow, RowResult>();
  const unknown = rows.filter(({ foreignId }) => foreignId === null);
  const known = await findContacts(unknown, session);
  if ('result' in known) return rows.map(() => known);
  const toAdopt: { row: OutgoingRow; id: string }[] = [];
  const fresh = new Set<OutgoingRow>();
  for (const row of unknown) {
    const match = matchOf(row, known);
    if (match === 'new') fresh.add(row);
    else if (typeof match === 'string') results.set(row, { result: 'rejected', code: match });
    else if (!match[KEY]) toAdopt.push({ row, id: match.Id });
    // Another row of the batch may have the same address.
    known.push({ Id: '', Email: row.person.email, [KEY]: row.person.customerId });
  }
  const adopted = await adopt(toAdopt, session);
  for (const [at, { row }] of toAdopt.entries()) {
    const result = adopted[at] as RowResult;
    if (result.result !== 'accepted') results.set(row, result);
  }
  const toWrite = rows.filter((row) => !results.has(row));
  const records = toWrite.map((row) => contactOf(row, fresh.has(row)));
  const written = await saveAll(session, upsertRequest(records, session), records.length);
  for (const [at, row] of toWrite.entries()) results.set(row, written[at] as RowResult);
  return rows.map((row) => results.get(row) as RowResult);
}

/** Writes our id into contacts that have none, so that they are found by it from now on. */
function adopt(
  contacts: readonly { row: OutgoingRow; id: string }[],
  session: ConnectorSession,
): Promise<RowResult[]> {
  const records = contacts.map(({ row, id }) => {
    return { attributes: { type: 'Contact' }, id, [KEY]: row.person.customerId };
  });
  const request = rest(session, 'PATCH', COLLECTION, { allOrNone: false, records });
  return saveAll(session, request, records.length);
}

async function createTasks(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
  const known = await findContacts(
    rows.filter(({ foreignId }) => foreignId === null),
    session,
  );
  if ('result' in known) return rows.map(() => known);
  const results = new Map<OutgoingRow, RowResult>();
  const located = rows.map((row) => {
    const match = matchOf(row, known);
    const foreignId = row.foreignId ?? (typeof match === 'object' ? match.Id : null);
    return { row, task: taskOf({ ...row, foreignId }) };
  });
  for (const { row, task } of located) {
    if (!task.WhoId) results.set(row, { result: 'rejected', code: 'contact_missing' });
    else if (task.ActivityDate === null) results.set(row, { result: 'rejected', code: 'due_at_invalid' });
  }
  const toWrite = located.filter(({ row }) => !results.has(row));
  const tasks = toWrite.map(({ task }) => task);
  const written = await saveAll(session, tasksRequest(tasks, session), tasks.length);
  for (const [at, { row }] of toWrite.entries()) results.set(row, written[at] as RowResult);
  return rows.map((row) => results.get(row) as RowResult);
}

function upsertRequest(records: readonly object[], values: ConnectorValues) {
  return rest(values, 'PATCH', `${COLLECTION}/Contact/${KEY}`, { allOrNone: false, records });
}

function tasksRequest(records: readonly object[], values: ConnectorValues) {
  return rest(values, 'POST', COLLECTION, { allOrNone: false, records });
}

/** The contacts with our ids of some persons, and with the addresses of those that no contact is known of. */
async function findContacts(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
  fields = `Id, Email, ${KEY}`,
): Promise<SalesforceRecord[] | Unsettled> {
  // Salesforce gives all fields of at most 200 records.
  const limit = fields === ALL_FIELDS ? ' LIMIT 200' : '';
  const contacts: SalesforceRecord[] = [];
  for (const some of chunksOf(rows, PERSONS_PER_QUERY)) {
    const ids = some.map(({ person }) => quoted(person.customerId));
    const emails = some
      .filter(({ foreignId, person }) => foreignId === null && person.email.length <= EMAIL_MAX)
      .map(({ person }) => quoted(person.email));
    const byEmail = emails.length > 0 ? ` OR Email IN (${emails.join(',')})` : '';
    const where = `${KEY} IN (${ids.join(',')})${byEmail}`;
    const found = await query(session, `SELECT ${fields} FROM Contact WHERE ${where}${limit}`);
    if ('result' in found) return found;
    contacts.push(...found);
  }
  return contacts;
}

/** Moves records to the recycle bin. @returns null if none of them is left */
async function deleteAll(ids: readonly string[], session: ConnectorSession): Promise<ErasureResult | null> {
  const path = `${COLLECTION}?ids=${ids.join(',')}&allOrNone=false`;
  const response = await send(session, rest(session, 'DELETE', path));
  if (response.status === 400) return { receipt: 'refused', code: 'http_400' };
  if (response.status !== 200) return unsettledBySalesforce(response);
  const results = (response.json as readonly SavedRecord[]).map(resultOf);
  for (const result of results) {
    if (!('code' in result)) continue;
    if (result.result !== 'rejected') return result;
    if (!GONE.has(result.code)) return { receipt: 'refused', code: result.code };
  }
  return null;
}

/** A record that was deleted before, or merged into another one, or never was. */
const GONE = new Set(['entity_is_deleted', 'invalid_cross_reference_key']);

/** Whether the user of the credential can write our field. The one of contacts must be an external id with unique values. */
async function hasKey(type: 'Contact' | 'Task', session: ConnectorSession): Promise<boolean> {
  const { status, json } = await send(session, rest(session, 'GET', `/sobjects/${type}/describe`));
  if (status !== 200) return status !== 404;
  const { fields } = json as { fields: readonly Record<string, unknown>[] };
  const key = fields.find(({ name }) => name === KEY);
  const isUnique = type === 'Task' || (key?.externalId === true && key.unique === true);
  return key?.createable === true && isUnique;
}

/** Without the parts of addresses, which are given twice. */
function scalarsOf(record: SalesforceRecord): Fields {
  const scalars = Object.entries(record).filter(([, value]) => value === null || typeof value !== 'object');
  return Object.fromEntries(scalars) as Fields;
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

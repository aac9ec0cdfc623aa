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
  ReadFailed,
  type RowResult,
  type Unsettled,
} from '../connectors/connector.js';
import {
  asRead,
  erasureUnsettledBy,
  isFromElsewhere,
  isSuccess,
  NOT_IN_ANSWER,
  quotaIn,
  unsettledBy,
} from '../connectors/http-results.js';
import { keepFilled } from '../connectors/row-fields.js';
import { deliverEach, EMAIL_OF_ANOTHER, readEach } from '../connectors/row-results.js';
import { putAll } from './planhat/planhat-bulk.js';
import {
  companyFor,
  contactFor,
  CUSTOM,
  eventFor,
  isOurs,
  OWN_KEY,
  requestTo,
  taskFor,
} from './planhat/planhat-requests.js';

/** What people write about a contact. An adopted contact keeps it. */
const WRITTEN_BY_PEOPLE = new Set(['firstName', 'lastName', 'phone', 'position']);

/** https://www.planhat.com/developers/api/enduser */
interface Contact {
  _id: string;
  email?: string | null;
  externalId?: string | null;
  companyId?: string | null;
  custom?: Record<string, unknown>;
  [field: string]: unknown;
}

/**
 * Planhat: an end user and a company per customer, in bulk, by our id as external id. Fields named `company.*` are those
 * of the company, `custom.*` and `company.custom.*` are custom fields. A contact that people added gets our id and keeps
 * its company, which is not written: its remembered id is Planhat's own one, where others have `extid-<our id>`.
 */
@Injectable()
@Connects('planhat')
export class PlanhatConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'success',
      title: 'Planhat',
      settings: [
        { name: 'baseUrl', label: 'Address of the API', kind: 'url', default: 'https://api.planhat.com' },
        {
          name: 'analyticsUrl',
          label: 'Address that takes user activities',
          kind: 'url',
          default: 'https://analytics.planhat.com',
        },
      ],
      secrets: [
        { name: 'token', label: 'API access token of a private app' },
        {
          name: 'tenantToken',
          label: 'Tenant token of user activities; without it, events are rejected',
          isOptional: true,
        },
      ],
      capabilities: ['upsertPerson', 'trackEvent', 'createTask', 'erase', 'readBack'],
      batch: { rows: 50, bytes: 2_000_000 },
      // Planhat asks for bulk requests one after another.
      rate: { requests: 190, perSeconds: 60, concurrency: 1 },
      // A task has a source id, by which a second one changes the first. An activity would be counted twice.
      repeatable: ['upsertPerson', 'createTask'],
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        firstName: { from: 'customer.name', apply: ['first_word'], when: 'onCreate' },
        lastName: { from: 'customer.name', apply: ['last_words'], when: 'onCreate' },
        phone: { from: 'customer.phone', when: 'onCreate' },
        'company.name': { from: 'customer.name', when: 'onCreate' },
        'company.custom.Lifecycle stage': { from: 'lifecycle.stage' },
        'company.custom.Stripe customer': { from: 'customer.stripeCustomerId' },
      },
      events: ['customer.milestone_reached', 'customer.stage_changed', 'payment.failed'],
    };
  }

  deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    const [first] = rows;
    if (first?.kind === 'upsertPerson') return upsertAll(rows, session);
    return deliverEach(rows, (row) =>
      row.kind === 'createTask' ? createTask(row, session) : trackEvent(row, session),
    );
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    if (row.kind === 'trackEvent') return eventFor(row, values);
    if (row.kind === 'upsertPerson') return requestTo(values, 'PUT', '/endusers', [contactFor(row)]);
    const company = isOurs(row) ? OWN_KEY + row.person.customerId : '<id of the company>';
    return requestTo(values, 'PUT', '/tasks', [taskFor(row, company)]);
  }

  readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    return readEach(rows, async (row) => {
      const own = OWN_KEY + row.person.customerId;
      const known = await find(`/endusers/${row.foreignId ?? own}`, session);
      const contact = known ?? (row.foreignId ? null : await findByEmail(row.person.email, session));
      const company = contact && isOurs(row) ? await find(`/companies/${own}`, session) : null;
      for (const found of [contact, company]) if (isUnread(found)) throw new ReadFailed(found);
      return contact && { ...flat('', contact as Contact), ...flat('company.', company as Contact | null) };
    });
  }

  createdIdOf(deliveryId: string): string {
    return `srcid-${deliveryId}`;
  }

  /** Contacts, tasks and the company that we made, by the ids of Planhat, which deletes by no other. */
  async erase(person: ErasedPerson, session: ConnectorSession): Promise<ErasureResult> {
    const { customerId, foreignIds, created } = person;
    const key = OWN_KEY + customerId;
    const tasks = created.filter(({ kind }) => kind === 'createTask');
    const records = [
      ...tasks.map(({ foreignId }) => ['/tasks', foreignId]),
      ...[...new Set([key, ...foreignIds])].map((id) => ['/endusers', id]),
      ['/companies', key],
    ];
    for (const [collection, id] of records) {
      const found = await find(`${collection}/${id}`, session);
      if (found === null) continue;
      if (isUnread(found)) return found;
      const { _id: own } = found;
      if (!own) return NOT_IN_ANSWER;
      const response = await session.request(requestTo(session, 'DELETE', `${collection}/${own}`));
      if (!isSuccess(response) && response.status !== 404) return erasureUnsettledBy(response);
      if (isFromElsewhere(response)) return NOT_IN_ANSWER;
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', '/customfields?limit=2000'));
    const { status, json } = response;
    const present = new Set(
      (Array.isArray(json) ? (json as { parent?: string; name?: string }[]) : []).map(
        ({ parent, name }) => `${parent === 'company' ? 'company.' : ''}${CUSTOM}${name}`,
      ),
    );
    const wanted = Object.keys(this.describe().mapping).filter((field) => field.includes(CUSTOM));
    const isTokenRefused = status === 401 || status === 403;
    return {
      credential: isTokenRefused ? 'refused' : isSuccess(response) ? 'accepted' : 'unknown',
      missingScopes: [],
      missingFields: isSuccess(response) ? wanted.filter((field) => !present.has(field)) : [],
      quota: quotaIn(response, 'x-ratelimit-limit', 'x-ratelimit-remaining'),
      account: null,
    };
  }
}

async function upsertAll(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
  const matched: OutgoingRow[] = [];
  const results = await deliverEach(rows, async (row) => {
    const match = row.foreignId ? row : await matchOf(row, session);
    if ('result' in match) return match;
    matched.push(match);
    return acceptedAs(match);
  });
  const refused = await writeAll(matched, session);
  // What was deleted in Planhat is made again.
  const gone = matched.filter((row) => row.foreignId && isOurs(row) && isRefused(refused, row));
  const again = gone.map((row) => ({ ...row, foreignId: null }));
  const refusedAgain = await writeAll(again, session);
  for (const row of again) if (!isRefused(refusedAgain, row)) refused.delete(row.person.customerId);
  return rows.map(({ person }, at) => refused.get(person.customerId) ?? (results[at] as RowResult));
}

/** Returns what came of the rows that were not written, by customer. */
async function writeAll(
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<Map<string, RowResult>> {
  const companies = await putAll(
    '/companies',
    rows.flatMap((row) => companyFor(row) ?? []),
    session,
  );
  const ready = rows.filter(({ person }) => !companies.has(person.customerId));
  return new Map([...companies, ...(await putAll('/endusers', ready.map(contactFor), session))]);
}

function isRefused(results: ReadonlyMap<string, RowResult>, { person }: OutgoingRow): boolean {
  return results.get(person.customerId)?.result === 'rejected';
}

function acceptedAs({ foreignId, person }: OutgoingRow): RowResult {
  return { result: 'accepted', foreignId: foreignId ?? OWN_KEY + person.customerId };
}

/** The row for a contact that is there already, by our id or its address. One with another external id belongs to another person. */
async function matchOf(row: OutgoingRow, session: ConnectorSession): Promise<OutgoingRow | RowResult> {
  const key = OWN_KEY + row.person.customerId;
  const own = await find(`/endusers/${key}`, session);
  const found = own ?? (await findByEmail(row.person.email, session));
  if (found === null || isUnread(found)) return found ?? row;
  if (found.externalId === row.person.customerId) {
    const company = await find(`/companies/${key}`, session);
    if (isUnread(company)) return company;
    const foreignId = company ? key : null;
    return keepFilled({ ...row, foreignId }, { ...flat('', found), ...flat('company.', company) });
  }
  if (found.externalId) return EMAIL_OF_ANOTHER;
  const fields = Object.entries(row.fields).filter(([name]) => !(WRITTEN_BY_PEOPLE.has(name) && found[name]));
  const { _id: foreignId } = found;
  return { ...row, foreignId, fields: Object.fromEntries(fields) };
}

async function createTask(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  let company: unknown = OWN_KEY + row.person.customerId;
  if (!isOurs(row)) {
    const contact = await find(`/endusers/${row.foreignId}`, session);
    if (isUnread(contact)) return contact;
    company = contact?.companyId;
    if (!company) return { result: 'rejected', code: contact ? 'no_company' : 'not_a_contact' };
  }
  const refused = await putAll('/tasks', [taskFor(row, String(company))], session);
  return refused.get(row.deliveryId) ?? { result: 'accepted', foreignId: `srcid-${row.deliveryId}` };
}

async function trackEvent(row: OutgoingRow, session: ConnectorSession): Promise<RowResult> {
  if (session.secret('tenantToken') === '') return { result: 'rejected', code: 'tenant_token_missing' };
  const response = await session.request(eventFor(row, session));
  if (!isSuccess(response)) return unsettledBy(response);
  return isFromElsewhere(response) ? NOT_IN_ANSWER : { result: 'accepted' };
}

/** The filter may be ignored, so that other contacts are answered. */
async function findByEmail(email: string, session: ConnectorSession): Promise<Contact | null | Unsettled> {
  const path = `/endusers?email=${encodeURIComponent(email.toLowerCase())}&limit=10`;
  const found = await find(path, session);
  if (!Array.isArray(found)) return found;
  const contacts = found as Contact[];
  return contacts.find((contact) => contact.email?.toLowerCase() === email.toLowerCase()) ?? null;
}

/** A record; null if there is none. */
async function find(path: string, session: ConnectorSession): Promise<Contact | null | Unsettled> {
  const response = await session.request(requestTo(session, 'GET', path));
  if (response.status === 404) return null;
  if (isSuccess(response) && isFromElsewhere(response)) return asRead(NOT_IN_ANSWER);
  if (isSuccess(response)) return (response.json as Contact | null | undefined) ?? null;
  return asRead(unsettledBy(response));
}

function flat(part: string, record: Contact | null): Fields {
  const { custom = {}, ...fields } = record ?? { _id: '' };
  const customs = Object.entries(custom).map(([name, value]) => [`${CUSTOM}${name}`, value] as const);
  const values = [...Object.entries(fields), ...customs].filter(([, value]) => typeof value !== 'object');
  return Object.fromEntries(values.map(([name, value]) => [part + name, value as Fields[string]]));
}

function isUnread(found: Contact | null | Unsettled): found is Unsettled {
  return found !== null && 'result' in found;
}

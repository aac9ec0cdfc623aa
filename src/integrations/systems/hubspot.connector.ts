import { Injectable } from '@nestjs/common';
import type { OutboundRequest, OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import {
  BatchRefused,
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
  type RowResult,
} from '../connectors/connector.js';
import { unsettledBy } from '../connectors/http-results.js';

/** The custom property of contacts that holds our id. It must have unique values. */
const KEY = 'mingus_customer_id';
const CONTACTS = '/crm/v3/objects/contacts';
const STAGE = 'lifecyclestage';

/** A part of the answer to a batch. https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch */
interface BatchAnswer {
  results?: { id: string; properties: Record<string, string | null>; objectWriteTraceId?: string }[];
  errors?: { category?: string; message?: string; context?: Record<string, string[]> }[];
}

/** HubSpot: contacts by our id. Email is no key there, because a batch by email refuses partial changes. */
@Injectable()
@Connects('hubspot')
export class HubSpotConnector implements Connector {
  describe(): ConnectorDescription {
    return {
      family: 'crm',
      title: 'HubSpot',
      settings: [
        { name: 'baseUrl', label: 'Address of the API', kind: 'url', default: 'https://api.hubapi.com' },
      ],
      secrets: [{ name: 'token', label: 'Access token of a private app' }],
      capabilities: ['upsertPerson', 'erase', 'readBack'],
      batch: { rows: 100, bytes: 2_000_000 },
      rate: { requests: 190, perSeconds: 10, concurrency: 2, freeAgainAt },
      mapping: {
        email: { from: 'customer.email', apply: ['lower'] },
        firstname: { from: 'customer.name', apply: ['first_word'], when: 'onCreate' },
        lastname: { from: 'customer.name', apply: ['last_words'], when: 'onCreate' },
        phone: { from: 'customer.phone', when: 'ifEmpty' },
        [STAGE]: {
          from: 'lifecycle.stage',
          values: {
            onboarding: 'opportunity',
            trialing: 'opportunity',
            active: 'customer',
            at_risk: 'customer',
            past_due: 'customer',
            paused: 'customer',
            churned: 'other',
            lapsed: 'other',
          },
        },
      },
    };
  }

  async deliver(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<RowResult[]> {
    const results = await upsert(rows, session);
    const backwards = rows.filter((row, at) => isStageKept(row, results[at]));
    if (backwards.length > 0) await moveBack(backwards, results, rows, session);
    return results.map(({ result }) => result);
  }

  plan(row: OutgoingRow, values: ConnectorValues) {
    const request = upsertOf([row], values);
    return { ...request, headers: { ...request.headers }, body: request.body };
  }

  async readBack(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<(Fields | null)[]> {
    const properties = [...new Set([KEY, ...Object.keys(this.describe().mapping), ...rows.flatMap(namesOf)])];
    const inputs = rows.map(({ person }) => ({ id: person.customerId }));
    const body = { inputs, idProperty: KEY, properties };
    const response = await session.request(requestTo(session, 'POST', `${CONTACTS}/batch/read`, body));
    if (!isSuccess(response)) return rows.map(() => null);
    const found = (response.json as BatchAnswer).results ?? [];
    const byKey = new Map(found.map((contact) => [contact.properties[KEY], contact.properties]));
    return rows.map(({ person }) => byKey.get(person.customerId) ?? null);
  }

  /** By id only: an unknown address would be put on the block list. */
  async erase({ customerId, foreignIds }: ErasedPerson, session: ConnectorSession): Promise<ErasureResult> {
    const found = await findContact(customerId, session);
    if (typeof found === 'object' && found !== null) return found;
    for (const objectId of new Set([...foreignIds, ...(found ? [found] : [])])) {
      const response = await session.request(
        requestTo(session, 'POST', `${CONTACTS}/gdpr-delete`, { objectId }),
      );
      if (response.status === 204 || response.status === 404) continue;
      return refusedOrUnsettled(response);
    }
    return { receipt: 'accepted' };
  }

  async health(session: ConnectorSession): Promise<ConnectorHealth> {
    const response = await session.request(requestTo(session, 'GET', `/crm/v3/properties/contacts/${KEY}`));
    const { status, headers, json } = response;
    const isUnique = (json as { hasUniqueValue?: unknown } | undefined)?.hasUniqueValue === true;
    const daily = Number(headers['x-hubspot-ratelimit-daily']);
    const remaining = Number(headers['x-hubspot-ratelimit-daily-remaining']);
    return {
      credential: status === 401 ? 'refused' : status < 500 && status !== 429 ? 'accepted' : 'unknown',
      missingScopes: status === 403 ? ['crm.schemas.contacts.read'] : [],
      missingFields: status === 404 || (status === 200 && !isUnique) ? [`${KEY} (unique)`] : [],
      quota: daily > 0 ? { limit: daily, remaining, resetsAt: null } : null,
      account: null,
    };
  }
}

/** The result of a row with what HubSpot has stored. */
interface Upserted {
  result: RowResult;
  stored: Record<string, string | null>;
}

async function upsert(rows: readonly OutgoingRow[], session: ConnectorSession): Promise<Upserted[]> {
  const response = await session.request(upsertOf(rows, session));
  if (!isSuccess(response)) {
    const result = unsettledBy(response);
    return rows.map(() => ({ result, stored: {} }));
  }
  const { results = [], errors = [] } = response.json as BatchAnswer;
  // The documentation lets an answer leave out the trace of a success.
  const stored = new Map(
    results.map((contact) => [contact.objectWriteTraceId ?? contact.properties[KEY], contact]),
  );
  const refused = new Map(
    errors.flatMap(({ context, ...error }) =>
      (context?.objectWriteTraceId ?? []).map((trace) => [trace, error] as const),
    ),
  );
  return rows.map(({ deliveryId, person }) => {
    const contact = stored.get(deliveryId) ?? stored.get(person.customerId);
    if (contact) return { result: { result: 'accepted', foreignId: contact.id }, stored: contact.properties };
    const error = refused.get(deliveryId);
    // A success that does not mention the row wrote nothing for it.
    if (!error) return { result: { result: 'unknown', code: 'not_in_answer' }, stored: {} };
    const { category = 'refused', message: detail } = error;
    const code = category.toLowerCase();
    return { result: { result: 'rejected', code, ...(detail ? { detail } : {}) }, stored: {} };
  });
}

/** HubSpot keeps a later lifecycle stage, without an error. */
function isStageKept({ fields }: OutgoingRow, upserted: Upserted | undefined): boolean {
  const wanted = fields[STAGE];
  const kept = upserted?.stored[STAGE];
  return (
    wanted !== undefined && kept !== undefined && kept !== wanted && upserted?.result.result === 'accepted'
  );
}

/** A stage is cleared before an earlier one can be set. */
async function moveBack(
  backwards: readonly OutgoingRow[],
  results: Upserted[],
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<void> {
  const cleared = backwards.map((row) => ({ ...row, fields: { [STAGE]: '' } }));
  await upsert(cleared, session);
  const moved = await upsert(backwards, session);
  for (const [at, row] of backwards.entries()) {
    const again = moved[at] as Upserted;
    const isKept = isStageKept(row, again);
    results[rows.indexOf(row)] = isKept
      ? { ...again, result: { result: 'rejected', code: 'stage_not_written' } }
      : again;
  }
}

function upsertOf(rows: readonly OutgoingRow[], values: ConnectorValues) {
  const inputs = rows.map(({ deliveryId, person, fields }) => {
    const properties = { ...fields, [KEY]: person.customerId };
    return { id: person.customerId, idProperty: KEY, properties, objectWriteTraceId: deliveryId };
  });
  return requestTo(values, 'POST', `${CONTACTS}/batch/upsert`, { inputs });
}

/** The id of the contact; null if there is none, or why that is not known. */
async function findContact(
  customerId: string,
  session: ConnectorSession,
): Promise<string | null | ErasureResult> {
  const path = `${CONTACTS}/${customerId}?idProperty=${KEY}`;
  const response = await session.request(requestTo(session, 'GET', path));
  if (response.status === 404) return null;
  return isSuccess(response) ? (response.json as { id: string }).id : refusedOrUnsettled(response);
}

function refusedOrUnsettled(response: OutboundResponse): ErasureResult {
  try {
    return unsettledBy(response);
  } catch (error) {
    if (!(error instanceof BatchRefused)) throw error;
    return { receipt: 'refused', code: error.code };
  }
}

function requestTo(
  { settings, secret }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  const headers = { authorization: `Bearer ${secret('token')}` };
  return { method, url: `${settings.baseUrl}${path}`, headers, body };
}

function namesOf({ fields }: OutgoingRow): string[] {
  return Object.keys(fields);
}

/** 207 answers some rows with errors. */
function isSuccess({ status }: OutboundResponse): boolean {
  return status === 200 || status === 201 || status === 207;
}

/** When no request is left in the interval, the next one waits for its end. */
function freeAgainAt(headers: OutboundResponse['headers'], now: Date): Date | null {
  const remaining = Number(headers['x-hubspot-ratelimit-remaining'] ?? Number.NaN);
  const intervalMs = Number(headers['x-hubspot-ratelimit-interval-milliseconds'] ?? Number.NaN);
  return remaining === 0 && intervalMs > 0 ? new Date(now.getTime() + intervalMs) : null;
}

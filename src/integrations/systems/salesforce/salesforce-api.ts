import { createHash } from 'node:crypto';
import type { OutboundRequest, OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import {
  BatchRefused,
  type ConnectorSession,
  type ConnectorValues,
  type RowResult,
  type Unsettled,
} from '../../connectors/connector.js';
import { asRead, NOT_IN_ANSWER, unsettledBy } from '../../connectors/http-results.js';

/** Winter '25. Salesforce keeps a version for at least three years. */
const VERSION = '62.0';

/** Of contacts: our id, a text that is an external id and unique. Of tasks: the id of the delivery, a text. */
export const KEY = 'MINGUS_Id__c';

/** A request that waits for its token. */
export type TokenRequest<Request = OutboundRequest> = (token: string) => Request;

/** What the OAuth client credentials flow gives. */
export interface AccessToken {
  readonly value: string;
  /** The id of the organization that it opens. */
  readonly organization: string | null;
}

/** A record of an answer. Fields that were asked for are present, or null. */
export type SalesforceRecord = Readonly<Record<string, unknown>> & { readonly Id: string };

interface SalesforceError {
  readonly errorCode?: string;
  readonly statusCode?: string;
  readonly message?: string;
  readonly fields?: readonly string[];
}

/** What was done with a record of a collection. */
export interface SavedRecord {
  readonly id?: string | null;
  readonly success: boolean;
  readonly errors?: readonly SalesforceError[];
}

/**
 * The present token of each credential, in this process only. An answer with a token does not say when it ends, so it is
 * used until it is refused. The key is a digest of address and credential: a new secret never uses a token of the old one.
 */
const TOKENS = new Map<string, AccessToken>();
const TOKENS_MAX = 100;

/** Sends a request with the token of the credential. A refused token is replaced once. @throws OutboundFault */
export async function send(session: ConnectorSession, request: TokenRequest): Promise<OutboundResponse> {
  const kept = TOKENS.get(keyOf(session));
  if (kept) {
    const response = await session.request(request(kept.value));
    if (!isSessionOver(response)) return response;
  }
  const fresh = await fetchToken(session);
  return 'status' in fresh ? fresh : session.request(request(fresh.value));
}

/** A new token, or the answer that refuses it, with 401 for anything wrong with the credential. @throws OutboundFault */
export async function fetchToken(session: ConnectorSession): Promise<AccessToken | OutboundResponse> {
  const key = keyOf(session);
  TOKENS.delete(key);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: String(session.settings.clientId),
    client_secret: session.secret('clientSecret'),
  });
  const response = await session.request({
    method: 'POST',
    url: `${session.settings.baseUrl}/services/oauth2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  });
  const { access_token: value, id } = (response.json ?? {}) as { access_token?: string; id?: string };
  if (response.status === 200 && value) {
    // The identity is an address that ends with the organization and the user.
    const token = { value, organization: id?.split('/').at(-2) ?? null };
    if (TOKENS.size >= TOKENS_MAX) TOKENS.delete([...TOKENS.keys()][0] as string);
    TOKENS.set(key, token);
    return token;
  }
  return response.status === 200 || response.status === 400 ? { ...response, status: 401 } : response;
}

/** A request of the REST API. An alert of a duplicate rule is passed over, because email is matched before. */
export function rest(
  { settings }: ConnectorValues,
  method: OutboundRequest['method'],
  path: string,
  body?: unknown,
) {
  return (token: string) => ({
    method,
    url: `${settings.baseUrl}/services/data/v${VERSION}${path}`,
    headers: { authorization: `Bearer ${token}`, 'sforce-duplicate-rule-header': 'allowSave=true' },
    ...(body === undefined ? {} : { body }),
  });
}

/**
 * The records of a query. A refused query is about the fields of the organization or the rights of the user, not about a
 * row. @param path `queryAll` finds records in the recycle bin as well
 * @throws OutboundFault
 */
export async function query(
  session: ConnectorSession,
  soql: string,
  path: 'query' | 'queryAll' = 'query',
): Promise<SalesforceRecord[] | Unsettled> {
  const response = await send(session, rest(session, 'GET', `/${path}?q=${encodeURIComponent(soql)}`));
  if (response.status === 200) return (response.json as { records: SalesforceRecord[] }).records;
  if (response.status === 400) return { result: 'auth', code: codeOf(response) ?? 'http_400' };
  return asRead(unsettledBySalesforce(response));
}

/** A text in a query. https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_quotedstringescapes.htm */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/**
 * Saves records, each on its own, and returns one result per record, in their order.
 * @throws BatchRefused, OutboundFault
 */
export async function saveAll(
  session: ConnectorSession,
  request: TokenRequest,
  count: number,
): Promise<RowResult[]> {
  const all = (result: RowResult) => Array.from({ length: count }, () => result);
  if (count === 0) return [];
  const response = await send(session, request);
  if (response.status !== 200) return all(unsettledBySalesforce(response));
  const saved = response.json as readonly SavedRecord[];
  // An answer without a place for each record cannot be joined with them.
  if (!Array.isArray(saved) || saved.length !== count) return all(NOT_IN_ANSWER);
  return saved.map(resultOf);
}

/** What the answer about one record means. */
export function resultOf({ id, success, errors }: SavedRecord): RowResult {
  if (success) return id ? { result: 'accepted', foreignId: id } : NOT_IN_ANSWER;
  const [error] = errors ?? [];
  if (!error?.statusCode) return NOT_IN_ANSWER;
  const code = error.statusCode.toLowerCase();
  if (RETRIED.has(error.statusCode)) return { result: 'retry', code };
  if (error.statusCode === 'STORAGE_LIMIT_EXCEEDED') return { result: 'quota', code };
  if (isAboutKey(error)) return { result: 'auth', code };
  const detail = fieldsOf(error);
  return { result: 'rejected', code, ...(detail ? { detail } : {}) };
}

/** A record that is locked by other work, and a server without time. */
const RETRIED = new Set(['UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE', 'REQUEST_RUNNING_TOO_LONG']);

/** Deletes records from the recycle bin. Only the SOAP API can. @returns whether all of them are gone for good */
export async function emptyRecycleBin(ids: readonly string[], session: ConnectorSession): Promise<boolean> {
  const { status, text } = await send(session, (token) => ({
    method: 'POST',
    url: `${session.settings.baseUrl}/services/Soap/u/${VERSION}`,
    headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
    body: [
      '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">',
      `<soapenv:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></soapenv:Header>`,
      `<soapenv:Body><emptyRecycleBin>${ids.map((id) => `<ids>${id}</ids>`).join('')}</emptyRecycleBin></soapenv:Body>`,
      '</soapenv:Envelope>',
    ].join(''),
  }));
  return status === 200 && text.split('<success>true</success>').length - 1 === ids.length;
}

/**
 * What an answer that is no success means. A used-up limit is a 403 here.
 * @throws BatchRefused
 */
export function unsettledBySalesforce(response: OutboundResponse): Unsettled {
  const code = codeOf(response);
  if (code === 'request_limit_exceeded') return { result: 'quota', code };
  if (code && isAboutKey(errorOf(response))) return { result: 'auth', code };
  // The text of an answer may hold values of rows.
  if (response.status === 400 && code) throw new BatchRefused(code, fieldsOf(errorOf(response)));
  const unsettled = unsettledBy(response);
  return code ? { ...unsettled, code } : unsettled;
}

/** The API answers with a list of errors, the token endpoint with one. */
function errorOf({ json }: OutboundResponse): SalesforceError {
  return ((Array.isArray(json) ? json[0] : json) ?? {}) as SalesforceError;
}

function codeOf(response: OutboundResponse): string | null {
  const { errorCode, error } = errorOf(response) as SalesforceError & { error?: string };
  return (errorCode ?? error)?.toLowerCase() ?? null;
}

/** The fields that an error names; not its message, which may hold their values. */
function fieldsOf({ fields = [], message = '' }: SalesforceError): string | undefined {
  const column = /No such column '(\w+)'/.exec(message)?.[1];
  return [...fields, ...(column ? [column] : [])].join(', ') || undefined;
}

/** Our own field is missing, or the user of the credential cannot write it. No row is to blame. */
function isAboutKey(error: SalesforceError): boolean {
  const code = error.statusCode ?? error.errorCode ?? '';
  return code.startsWith('INVALID_FIELD') && fieldsOf(error) === KEY;
}

/** The SOAP API says it with a fault. */
function isSessionOver({ status, text }: OutboundResponse): boolean {
  return status === 401 || (status === 500 && text.includes(':INVALID_SESSION_ID</faultcode>'));
}

function keyOf({ settings, secret }: ConnectorValues): string {
  const parts = [settings.baseUrl, settings.clientId, secret('clientSecret')];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** Waits when the calls of the day are used up. They come back one by one over 24 hours. */
export function freeAgainAt(headers: OutboundResponse['headers'], now: Date): Date | null {
  const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(headers['sforce-limit-info'] ?? '') ?? [];
  return limit !== undefined && Number(used) >= Number(limit) ? new Date(now.getTime() + 300_000) : null;
}

import type { OutboundResponse } from '../../../platform/outbound/outbound-http.service.js';
import type { ConnectorSession, RowResult } from '../../connectors/connector.js';
import { NOT_IN_ANSWER, unsettledBy } from '../../connectors/http-results.js';
import { withoutAddresses } from '../../connectors/texts.js';
import { type BulkItem, requestTo } from './planhat-requests.js';

/** https://www.planhat.com/developers/api/bulk-upsert */
interface BulkAnswer {
  createdErrors?: unknown[];
  updatedErrors?: unknown[];
  permissionErrors?: unknown[];
  insertsKeys?: Keys[];
  updatesKeys?: Keys[];
  nonupdates?: number;
}

interface Keys {
  _id?: string;
  externalId?: string;
  sourceId?: string;
}

/**
 * Writes records in one request.
 * @returns what came of the records that were not written, by their id
 * @throws BatchRefused if the answer names no errors
 */
export async function putAll(
  collection: string,
  items: readonly BulkItem[],
  session: ConnectorSession,
): Promise<Map<string, RowResult>> {
  if (items.length === 0) return new Map();
  const response = await session.request(requestTo(session, 'PUT', collection, items));
  const answer = bulkAnswerOf(response);
  if (!answer) {
    const result = unsettledBy(response);
    return new Map(items.map((item) => [idOf(item), result]));
  }
  const written = new Set(
    [...(answer.insertsKeys ?? []), ...(answer.updatesKeys ?? [])].flatMap(({ _id, externalId, sourceId }) =>
      [_id, externalId, sourceId].filter((id) => id !== undefined),
    ),
  );
  const rest = items.filter((item) => {
    const { _id: own } = item;
    return !written.has(idOf(item)) && !written.has(String(own));
  });
  const errors = errorsOf(answer);
  if (errors.length === 0) {
    // Records that have all values already are only counted.
    const isUnchanged = (answer.nonupdates ?? 0) >= rest.length;
    return new Map(isUnchanged ? [] : rest.map((item) => [idOf(item), NOT_IN_ANSWER]));
  }
  if (items.length > 1) return putEach(collection, rest, session);
  const detail = errors.map(textOf).join(' ').slice(0, 300);
  return new Map(rest.map((item) => [idOf(item), { result: 'rejected', code: 'refused', detail }]));
}

/** Errors do not name their records, so each record that the answer does not name is written alone. */
async function putEach(
  collection: string,
  items: readonly BulkItem[],
  session: ConnectorSession,
): Promise<Map<string, RowResult>> {
  const results = new Map<string, RowResult>();
  for (const item of items)
    for (const [id, result] of await putAll(collection, [item], session)) results.set(id, result);
  return results;
}

/** 206 and 400 name errors. */
function bulkAnswerOf({ status, json }: OutboundResponse): BulkAnswer | null {
  const answer = (json ?? {}) as BulkAnswer;
  const isRead = status === 200 || status === 206 || (status === 400 && errorsOf(answer).length > 0);
  return isRead ? answer : null;
}

function errorsOf({ createdErrors = [], updatedErrors = [], permissionErrors = [] }: BulkAnswer): unknown[] {
  return [...createdErrors, ...updatedErrors, ...permissionErrors];
}

function idOf(item: BulkItem): string {
  return String(item.externalId ?? item.sourceId);
}

/** An error is a text, or an object with one. It may hold the record, which is left out. */
function textOf(error: unknown): string {
  const { error: inner, message } = (error ?? {}) as { error?: unknown; message?: unknown };
  const text = [error, inner, message].find((one) => typeof one === 'string') ?? 'refused';
  return withoutAddresses(String(text));
}

import { Logger } from '@nestjs/common';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import { BatchRefused, type Connector, type ConnectorSession, ReadFailed } from '../connectors/connector.js';
import { judged, type Sent } from './batch-sender.js';
import type { ClaimedDelivery } from './claims/delivery-claims.queries.js';
import type { PreparedDelivery } from './delivery-preparer.service.js';
import { afterUnknown, type DeliveryResult } from './delivery-results.js';

const logger = new Logger('connectors');

type ToSend = Readonly<{ delivery: ClaimedDelivery; prepared: PreparedDelivery }>;

/** The rows that are to be sent, and by id the results of those that are not. */
export interface ReadRows {
  rows: PreparedDelivery[];
  known: Map<string, DeliveryResult>;
}

/**
 * Reads what decides about rows: what earlier attempts created, and the present fields. A read that fails for one row is
 * the result of this row only; reads that are refused alike for all rows show that the settings are wrong.
 * @throws what no row is to blame for, such as a refused credential; nothing was written then
 */
export async function readBeforeSending(
  connector: Connector,
  toSend: readonly ToSend[],
  session: ConnectorSession,
  isRefusing: (code: string) => boolean,
): Promise<ReadRows> {
  const known = new Map<string, DeliveryResult>();
  const failed = new Map<string, Sent>();
  const unknown: PreparedDelivery[] = [];
  for (const { delivery, prepared } of toSend) {
    try {
      const result = await findEarlier(connector, delivery, prepared, session);
      if (result) known.set(delivery.id, result);
      else unknown.push(prepared);
    } catch (error) {
      failed.set(delivery.id, afterFailedRead(error));
    }
  }
  for (const [id, result] of await readBack(connector, unknown, session)) failed.set(id, result);
  const rows = unknown.filter(({ row }) => !failed.has(row.deliveryId));
  const sent = [...failed.values()];
  const results = failed.size === toSend.length ? judged(sent, isRefusing) : sent.map(({ result }) => result);
  for (const [at, id] of [...failed.keys()].entries()) known.set(id, results[at] as DeliveryResult);
  return { rows, known };
}

/** Looks for what an earlier attempt created whose outcome is unknown. Null if the row is to be sent. */
async function findEarlier(
  connector: Connector,
  { kind, isUnknown }: ClaimedDelivery,
  { row }: PreparedDelivery,
  session: ConnectorSession,
): Promise<DeliveryResult | null> {
  if (!isUnknown || afterUnknown(connector).isRepeatable(kind)) return null;
  if (!connector.search) return { result: 'held', code: 'unknown_outcome' };
  const foreignId = await connector.search(row, session);
  return foreignId === null ? null : { result: 'accepted', foreignId };
}

/**
 * Reads the present fields where the mapping depends on them. Rows whose read fails are halved until the one is found that
 * spoils it. Returns what came of such rows.
 */
async function readBack(
  connector: Connector,
  prepared: readonly PreparedDelivery[],
  session: ConnectorSession,
): Promise<[id: string, result: Sent][]> {
  const dependent = prepared.filter(({ needsCurrent }) => needsCurrent);
  if (!connector.readBack || dependent.length === 0) return [];
  try {
    const rows = dependent.map(({ row }) => row);
    const current = await connector.readBack(rows, session);
    for (const [at, one] of dependent.entries())
      one.row = { ...one.row, fields: one.fieldsWith(current[at] ?? null) };
    return [];
  } catch (error) {
    const result = afterFailedRead(error);
    const [first] = dependent;
    if (first && dependent.length === 1) return [[first.row.deliveryId, result]];
    const middle = Math.ceil(dependent.length / 2);
    const left = await readBack(connector, dependent.slice(0, middle), session);
    return [...left, ...(await readBack(connector, dependent.slice(middle), session))];
  }
}

/** @throws an error that no row is to blame for */
function afterFailedRead(error: unknown): Sent {
  if (error instanceof SecretUnreadable || error instanceof OutboundFault) throw error;
  if (error instanceof ReadFailed) {
    if (!error.isRefusal) throw error;
    return { result: error.result, isAlone: false };
  }
  if (error instanceof BatchRefused) {
    const { code, detail } = error;
    return { result: { result: 'rejected', code, ...(detail ? { detail } : {}) }, isAlone: true };
  }
  logger.error({ event: 'connector failed', error });
  return { result: { result: 'retry', code: 'connector_error' }, isAlone: false };
}

import { Logger } from '@nestjs/common';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import {
  BatchRefused,
  type Connector,
  type ConnectorSession,
  type OutgoingRow,
  ReadFailed,
  type RowResult,
} from '../connectors/connector.js';
import { OUT_OF_TIME } from '../connectors/connector-sessions.service.js';
import { unsettledByFault } from '../connectors/http-results.js';
import { afterUnknown, type DeliveryResult } from './delivery-results.js';

const logger = new Logger('connectors');

/** So many rows that are refused alike, and no other, show that the settings are wrong. */
const ALIKE_MIN = 3;

/**
 * Sends rows of one kind, in batches that the system takes. Returns one result per row, in their order.
 * @param isRefusing whether the connector is paused because its system has refused all rows with this code
 */
export async function sendInBatches(
  connector: Connector,
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
  isRefusing: (code: string) => boolean,
): Promise<DeliveryResult[]> {
  const results: DeliveryResult[] = [];
  for (const batch of batchesOf(connector, rows, session)) {
    if (batch.isTooLarge) results.push({ result: 'unsendable', code: 'too_large' });
    else results.push(...judged(await sendBatch(connector, batch.rows, session), isRefusing));
  }
  return results;
}

/** What came of a row of a batch. `isAlone`: the system refused a batch that had no other row. */
export interface Sent {
  result: RowResult;
  isAlone: boolean;
}

/** A refused batch is halved until the row is found that spoils it; all others get through. */
async function sendBatch(
  connector: Connector,
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
): Promise<Sent[]> {
  try {
    const results = await connector.deliver(rows, session);
    if (results.length !== rows.length) throw new Error(`${rows.length} rows have ${results.length} results`);
    return results.map((result) => ({ result, isAlone: false }));
  } catch (error) {
    if (error instanceof OutboundFault) return all(rows, unsettledByFault(error));
    if (error instanceof ReadFailed && (!error.isRefusal || rows.length === 1))
      return all(rows, error.result);
    if (!(error instanceof BatchRefused || error instanceof ReadFailed)) {
      // An error of the connector's code. Nothing is known about the rows.
      logger.error({ event: 'connector failed', error });
      return all(rows, { result: 'unknown', code: 'connector_error' });
    }
    if (error instanceof BatchRefused && rows.length === 1) {
      const { code, detail } = error;
      return [{ result: { result: 'rejected', code, ...(detail ? { detail } : {}) }, isAlone: true }];
    }
    const middle = Math.ceil(rows.length / 2);
    const first = await sendBatch(connector, rows.slice(0, middle), session);
    return [...first, ...(await sendBatch(connector, rows.slice(middle), session))];
  }
}

/** If all rows are refused alike, none of them is to blame, and all wait. Rows for which no time was left say nothing. */
export function judged(sent: readonly Sent[], isRefusing: (code: string) => boolean): DeliveryResult[] {
  const tried = sent.filter(({ result }) => !('code' in result && result.code === OUT_OF_TIME));
  const [first] = tried;
  const code = first?.result.result === 'rejected' ? first.result.code : null;
  const isAlike = tried.every(({ result, isAlone }) => isAlone && 'code' in result && result.code === code);
  const results = sent.map(({ result }) => result);
  if (code === null || !isAlike || (tried.length < ALIKE_MIN && !isRefusing(code))) return results;
  return results.map((result) => {
    return result.result === 'rejected' ? { ...result, result: 'all_refused' as const } : result;
  });
}

function all(rows: readonly OutgoingRow[], result: RowResult): Sent[] {
  return rows.map(() => ({ result, isAlone: false }));
}

interface Batch {
  rows: OutgoingRow[];
  isTooLarge: boolean;
}

/**
 * In the order of the rows. A row that is larger than a batch may be is alone; so is one that may not be repeated, because
 * a fault of one row repeats its batch.
 */
function batchesOf(connector: Connector, rows: readonly OutgoingRow[], session: ConnectorSession): Batch[] {
  const { rows: described, bytes: bytesMax } = connector.describe().batch;
  const rowsMax = rows.every(({ kind }) => afterUnknown(connector).isRepeatable(kind)) ? described : 1;
  const batches: Batch[] = [];
  let open: OutgoingRow[] = [];
  let size = 0;
  for (const row of rows) {
    const bytes = Buffer.byteLength(JSON.stringify(connector.plan(row, session).body ?? ''));
    if (open.length > 0 && (open.length === rowsMax || size + bytes > bytesMax)) {
      batches.push({ rows: open, isTooLarge: false });
      [open, size] = [[], 0];
    }
    if (bytes > bytesMax) batches.push({ rows: [row], isTooLarge: true });
    else {
      open.push(row);
      size += bytes;
    }
  }
  return open.length > 0 ? [...batches, { rows: open, isTooLarge: false }] : batches;
}

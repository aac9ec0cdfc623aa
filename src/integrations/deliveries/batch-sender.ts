import { Logger } from '@nestjs/common';
import { OutboundFault } from '../../platform/outbound/outbound-http.service.js';
import {
  BatchRefused,
  type Connector,
  type ConnectorSession,
  type OutgoingRow,
  type RowResult,
} from '../connectors/connector.js';
import { unsettledByFault } from '../connectors/http-results.js';
import type { DeliveryResult } from './delivery-results.js';

const logger = new Logger('connectors');

/** Sends rows of one kind, in batches that the system takes. Returns one result per row, in their order. */
export async function sendInBatches(
  connector: Connector,
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
  deadline: number,
): Promise<DeliveryResult[]> {
  const results: DeliveryResult[] = [];
  for (const batch of batchesOf(connector, rows, session)) {
    if (batch.isTooLarge) results.push({ result: 'unsendable', code: 'too_large' });
    else results.push(...(await sendBatch(connector, batch.rows, session, deadline)));
  }
  return results;
}

/** A refused batch is halved until the row is found that spoils it; all others get through. */
async function sendBatch(
  connector: Connector,
  rows: readonly OutgoingRow[],
  session: ConnectorSession,
  deadline: number,
): Promise<RowResult[]> {
  if (Date.now() > deadline) return all(rows, { result: 'retry', code: 'out_of_time' });
  try {
    const results = await connector.deliver(rows, session);
    if (results.length !== rows.length) throw new Error(`${rows.length} rows have ${results.length} results`);
    return results;
  } catch (error) {
    if (error instanceof OutboundFault) return all(rows, unsettledByFault(error));
    if (!(error instanceof BatchRefused)) {
      // An error of the connector's code. Nothing is known about the rows.
      logger.error({ event: 'connector failed', error });
      return all(rows, { result: 'unknown', code: 'connector_error' });
    }
    const { code, detail } = error;
    if (rows.length === 1) return [{ result: 'rejected', code, ...(detail ? { detail } : {}) }];
    const middle = Math.ceil(rows.length / 2);
    const first = await sendBatch(connector, rows.slice(0, middle), session, deadline);
    return [...first, ...(await sendBatch(connector, rows.slice(middle), session, deadline))];
  }
}

function all(rows: readonly OutgoingRow[], result: RowResult): RowResult[] {
  return rows.map(() => result);
}

interface Batch {
  rows: OutgoingRow[];
  isTooLarge: boolean;
}

/** In the order of the rows. A row that is larger than a batch may be is alone. */
function batchesOf(connector: Connector, rows: readonly OutgoingRow[], session: ConnectorSession): Batch[] {
  const { rows: rowsMax, bytes: bytesMax } = connector.describe().batch;
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

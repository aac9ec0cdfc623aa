import { OutboundFault, type OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import { BatchRefused, type Fields, type OutgoingRow, ReadFailed, type RowResult } from './connector.js';
import { erasureUnsettledBy } from './erasure-results.js';
import { unsettledByFault } from './http-results.js';

/**
 * Delivers rows one after another, for systems that take one at a time. A refusal, also of a read, is the result of its
 * row only. After a refused credential, a used-up rate or a missing answer, the rows behind it are not sent.
 */
export async function deliverEach(
  rows: readonly OutgoingRow[],
  deliverOne: (row: OutgoingRow) => Promise<RowResult>,
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  let stopped: RowResult | null = null;
  for (const row of rows) {
    try {
      const result: RowResult = stopped ?? (await deliverOne(row));
      stopped ??= stoppedBy(result);
      results.push(result);
    } catch (error) {
      const result = resultOf(error);
      if (!(error instanceof ReadFailed && error.isRefusal)) stopped = stoppedBy(result);
      results.push(result);
    }
  }
  return results;
}

/**
 * For reads that decide about a write, such as a search: nothing may be concluded from an answer other than success.
 * @throws ReadFailed
 */
export function assertRead(response: OutboundResponse): void {
  if (response.status < 200 || response.status >= 300) throw failedRead(response);
}

/**
 * For `health`: an answer that does not say the account, although it should, says nothing about which one it is.
 * @throws ReadFailed
 */
export function assertAccountSaid(response: OutboundResponse, isSaid: boolean): void {
  assertRead(response);
  if (!isSaid) throw new ReadFailed({ result: 'retry', code: 'not_in_answer' });
}

/**
 * The fields to write to a record that people made: it keeps what they wrote.
 * @param ours the beginning of the names of fields that the installation defines for this service
 */
export function fieldsForAdopted(record: Fields, fields: Fields, ours: string): Fields {
  const isEmpty = (name: string) => [null, undefined, ''].includes(record[name] as never);
  const written = Object.entries(fields).filter(([name]) => name.startsWith(ours) || isEmpty(name));
  return Object.fromEntries(written);
}

/** The row for a person that the system has already. People may have corrected what is not always written, so it stays. */
export function keepFilled(row: OutgoingRow, present: Fields): OutgoingRow {
  const isFilled = (name: string) => ![null, undefined, ''].includes(present[name] as never);
  const kept = new Set(row.keptFields?.filter(isFilled));
  const written = Object.entries(row.fields).filter(([name]) => !kept.has(name));
  return { ...row, fields: Object.fromEntries(written) };
}

/** A text of at most so many characters (UTF-16 units). A pair of surrogates is never torn. */
export function cutTo(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut}…`;
}

const NO_ANSWER = 'no_answer_before';

function resultOf(error: unknown): RowResult {
  if (error instanceof ReadFailed) return error.result;
  if (error instanceof OutboundFault) return unsettledByFault(error);
  if (!(error instanceof BatchRefused)) throw error;
  const { code, detail } = error;
  return { result: 'rejected', code, ...(detail ? { detail } : {}) };
}

/** Nothing was written for the row. */
function failedRead(response: OutboundResponse): ReadFailed {
  const unsettled = erasureUnsettledBy(response);
  const retried = { result: 'retry', code: `http_${response.status}` } as const;
  if ('receipt' in unsettled) return new ReadFailed(retried, true);
  return new ReadFailed(unsettled.result === 'unknown' ? retried : unsettled);
}

/** The result of the rows behind; null if they can be sent. */
function stoppedBy(result: RowResult): RowResult | null {
  if (result.result === 'auth' || result.result === 'quota') return result;
  if (result.result === 'unknown' || result.result === 'retry') return { result: 'retry', code: NO_ANSWER };
  return null;
}

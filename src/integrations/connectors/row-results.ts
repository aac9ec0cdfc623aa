import { OutboundFault, type OutboundResponse } from '../../platform/outbound/outbound-http.service.js';
import { BatchRefused, type Fields, type OutgoingRow, ReadFailed, type RowResult } from './connector.js';
import { asRead, erasureUnsettledBy, isSuccess, unsettledByFault } from './http-results.js';

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
  if (!isSuccess(response)) throw failedRead(response);
}

/**
 * For `health`: an answer that does not say the account, although it should, says nothing about which one it is.
 * @throws ReadFailed
 */
export function assertAccountSaid(response: OutboundResponse, isSaid: boolean): void {
  assertRead(response);
  if (!isSaid) throw new ReadFailed({ result: 'retry', code: 'not_in_answer' });
}

/** Reads persons one after another, for systems that have no read of several. */
export async function readEach(
  rows: readonly OutgoingRow[],
  readOne: (row: OutgoingRow) => Promise<Fields | null>,
): Promise<(Fields | null)[]> {
  const persons: (Fields | null)[] = [];
  for (const row of rows) persons.push(await readOne(row));
  return persons;
}

/** The refusal of a row whose address the system has for another person of ours. */
export const EMAIL_OF_ANOTHER = { result: 'rejected', code: 'email_of_another_person' } as const;

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
  if ('receipt' in unsettled)
    return new ReadFailed({ result: 'retry', code: `http_${response.status}` }, true);
  return new ReadFailed(asRead(unsettled));
}

/** The result of the rows behind; null if they can be sent. */
function stoppedBy(result: RowResult): RowResult | null {
  if (result.result === 'auth' || result.result === 'quota') return result;
  if (result.result === 'unknown' || result.result === 'retry') return { result: 'retry', code: NO_ANSWER };
  return null;
}

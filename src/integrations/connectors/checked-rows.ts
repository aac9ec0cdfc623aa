import type { OutgoingRow, RowResult } from './connector.js';

/**
 * Sends the rows that have no problem. A row with one gets it as its result without being sent, so that it spoils no
 * batch. The results are in the order of the rows.
 */
export async function sendChecked(
  rows: readonly OutgoingRow[],
  problemOf: (row: OutgoingRow, at: number) => RowResult | null,
  send: (sound: readonly OutgoingRow[]) => Promise<RowResult[]>,
): Promise<RowResult[]> {
  const problems = rows.map(problemOf);
  const sound = rows.filter((_row, at) => problems[at] === null);
  const sent = sound.length > 0 ? await send(sound) : [];
  const results = new Map(sound.map((row, at) => [row, sent[at] as RowResult]));
  return rows.map((row, at) => problems[at] ?? (results.get(row) as RowResult));
}

/** The problem of a row whose part of a batch is larger than the system takes. */
export function tooLarge(item: unknown, bytesMax: number): RowResult | null {
  const bytes = Buffer.byteLength(JSON.stringify(item));
  if (bytes <= bytesMax) return null;
  return { result: 'rejected', code: 'too_large', detail: `${bytes} bytes; at most ${bytesMax} are taken` };
}

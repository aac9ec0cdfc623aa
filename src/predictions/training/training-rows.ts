import { MESSAGES_REACH_DAYS, REACH_DAYS } from '../features/as-of-relations.js';
import { type Feature } from '../features/feature.js';
import { featuresFor } from '../features/feature-list.js';
import { featuresSql, GIVEN_MOMENTS } from '../features/features-sql.js';
import { FIND_VOCABULARY, type Vocabulary } from '../features/vocabulary.js';
import type { TrainingSet } from '../models/training-set.js';
import { matrixOf } from '../reading/matrix.js';
import type { LongRead } from '../reading/long-read.js';
import type { TargetDefinition } from '../targets/target-definition.js';
import { OFFSETS, pastMoments } from '../targets/target-sql.js';

/** About so many moments are read at most, so that the memory of a process is enough. */
export const ROWS_MAX = 200_000;
/** The moments of a sixteenth of the customers are counted to estimate those of all. */
const COUNTED_OFFSETS = OFFSETS / 16;
/** Older moments are not read: customers and messages change. */
const HISTORY_DAYS = 365;
/** Tables that keep their rows for some days only, and how far features look back at them. */
const LOOKED_BACK_DAYS = { notification_attempts: MESSAGES_REACH_DAYS, analytics_events: REACH_DAYS };
const DAY_MS = 86_400_000;

export interface TrainingRows {
  set: TrainingSet;
  vocabulary: Vocabulary;
  /** The share of the customers whose moments were read. */
  customerShare: number;
}

/** How many days back moments are read, so that the features of the oldest see all that they see of the present. */
export function historyDays(keptDays: Readonly<Record<string, number>>): number {
  const known = Object.entries(LOOKED_BACK_DAYS).map(([table, days]) => (keptDays[table] ?? Infinity) - days);
  return Math.max(0, Math.min(HISTORY_DAYS, ...known));
}

interface Page {
  matrix: Float32Array;
  labels: boolean[];
  customers: number[];
  times: number[];
}

/**
 * Reads past moments of customers with what was known then, and what happened afterwards. If there are too many, all
 * moments of some customers are read, chosen by their ids: the parts in time need the whole history.
 */
export async function readTrainingRows(
  read: LongRead,
  definition: TargetDefinition,
  { now, days, rowsMax = ROWS_MAX }: { now: Date; days: number; rowsMax?: number },
): Promise<TrainingRows> {
  const from = new Date(now.getTime() - days * DAY_MS);
  const [[vocabulary]] = (await read.rows<[Vocabulary]>(FIND_VOCABULARY, [from, now])) as [[Vocabulary]];
  const features = featuresFor(vocabulary);
  const sql = featuresSql(features, GIVEN_MOMENTS);
  const pages: Page[] = [];
  const past = pastMoments(definition);
  const count = `select count(*)::int from (${past}) as counted`;
  const [[counted]] = (await read.rows<[number]>(count, [now, from, COUNTED_OFFSETS])) as [[number]];
  const offsets = offsetsFor(rowsMax, counted);
  const moments = read.pages<[string, Date, boolean]>(past, [now, from, offsets]);
  const numbers = new Map<string, number>();
  for await (const page of moments) {
    const customers = page.map(([id]) => numberOf(id, numbers));
    pages.push({ ...(await readPage(read, sql, features.length, page)), customers });
  }
  return { set: setOf(pages, features, definition.windowDays), vocabulary, customerShare: offsets / OFFSETS };
}

/** So many offsets of customers have about `rowsMax` moments, if a sixteenth of them has `counted`; at most all. */
function offsetsFor(rowsMax: number, counted: number): number {
  return Math.min(OFFSETS, Math.ceil((COUNTED_OFFSETS * rowsMax) / Math.max(1, counted)));
}

/** The number of a customer: the next one if it has none. */
function numberOf(id: string, numbers: Map<string, number>): number {
  const number = numbers.get(id) ?? numbers.size;
  numbers.set(id, number);
  return number;
}

async function readPage(
  read: LongRead,
  sql: string,
  features: number,
  moments: readonly [string, Date, boolean][],
): Promise<Omit<Page, 'customers'>> {
  const times = moments.map(([, t0]) => t0);
  const ids = moments.map(([id]) => id);
  const rows = await read.rows<[string, string]>(`${sql} order by s.t0 desc, s.customer_id desc`, [
    times.at(-1) as Date,
    times[0] as Date,
    ids,
    times,
  ]);
  const matrix = matrixOf(
    rows.map(([, text]) => text),
    features,
  );
  return { matrix, labels: moments.map(([, , outcome]) => outcome), times: times.map((t0) => t0.getTime()) };
}

/** Joins pages, which are newest first, to one set in the order of time. A feature with one value only is left out. */
function setOf(pages: readonly Page[], features: readonly Feature[], windowDays: number): TrainingSet {
  const rows = pages.reduce((sum, { labels }) => sum + labels.length, 0);
  const kept = features.map((_, index) => index).filter((index) => isVaried(pages, index));
  const values = new Float32Array(kept.length * rows);
  const labels = new Uint8Array(rows);
  const customers = new Uint32Array(rows);
  const times = new Float64Array(rows);
  let last = rows - 1;
  for (const page of pages) {
    for (const [row, label] of page.labels.entries()) {
      labels[last - row] = Number(label);
      customers[last - row] = page.customers[row] as number;
      times[last - row] = page.times[row] as number;
      for (const [column, feature] of kept.entries())
        values[column * rows + last - row] = page.matrix[feature * page.labels.length + row] as number;
    }
    last -= page.labels.length;
  }
  const featureNames = kept.map((index) => (features[index] as Feature).name);
  return { featureNames, rows, values, labels, customers, times, windowDays };
}

function isVaried(pages: readonly Page[], feature: number): boolean {
  const first = pages[0]?.matrix[feature * pages[0].labels.length];
  return pages.some(({ matrix, labels }) =>
    matrix
      .subarray(feature * labels.length, (feature + 1) * labels.length)
      .some((value) => !Object.is(value, first)),
  );
}

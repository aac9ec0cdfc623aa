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
import { CUSTOMERS_BELOW, offsetsFor, sampleCustomers } from './customer-sample.js';

/** About so many moments are read at most, so that the memory of a process is enough. */
export const ROWS_MAX = 200_000;
/** Features of so many moments are read at once. */
const MOMENTS_PER_PAGE = 2000;
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

type Moment = [customerId: string, t0: Date, outcome: boolean];

/** Some moments with the features of each. */
interface Page {
  matrix: Float32Array;
  labels: boolean[];
  customers: number[];
  times: number[];
}

/**
 * Reads past moments of customers with what was known then, and what happened afterwards. If there are too many, all
 * moments of some customers are read, chosen by their ids: the parts in time need the whole history.
 *
 * The customers are chosen first, and everything else is found by their ids, so that the cost is that of the chosen ones.
 * The moments of a customer are read together, because they share the rows of its past.
 */
export async function readTrainingRows(
  read: LongRead,
  definition: TargetDefinition,
  { now, days, rowsMax = ROWS_MAX }: { now: Date; days: number; rowsMax?: number },
): Promise<TrainingRows> {
  const from = new Date(now.getTime() - days * DAY_MS);
  const sample = await sampleCustomers(read);
  const [[vocabulary]] = (await read.rows<[Vocabulary]>(FIND_VOCABULARY, [from, now, sample.ids])) as [
    [Vocabulary],
  ];
  const features = featuresFor(vocabulary);
  const sql = featuresSql(features, GIVEN_MOMENTS);
  const past = pastMoments(definition);
  const count = `select count(*)::int from (${past}) as counted`;
  const [[counted]] = (await read.rows<[number]>(count, [now, from, sample.ids])) as [[number]];
  const offsets = offsetsFor(rowsMax, sample, counted);
  const pages: Page[] = [];
  const numbers = new Map<string, number>();
  for await (const customers of read.pages<[string]>(CUSTOMERS_BELOW, [offsets])) {
    const moments = await read.rows<Moment>(past, [now, from, customers.flat()]);
    for (let start = 0; start < moments.length; start += MOMENTS_PER_PAGE) {
      const page = moments.slice(start, start + MOMENTS_PER_PAGE);
      const matrix = await readPage(read, sql, features.length, page);
      pages.push({ matrix, ...columnsOf(page, numbers) });
    }
  }
  return { set: setOf(pages, features, definition.windowDays), vocabulary, customerShare: offsets / OFFSETS };
}

function columnsOf(moments: readonly Moment[], numbers: Map<string, number>): Omit<Page, 'matrix'> {
  return {
    labels: moments.map(([, , outcome]) => outcome),
    customers: moments.map(([id]) => numberOf(id, numbers)),
    times: moments.map(([, t0]) => t0.getTime()),
  };
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
  moments: readonly Moment[],
): Promise<Float32Array> {
  const times = moments.map(([, t0]) => t0);
  const ids = moments.map(([id]) => id);
  const [oldest, newest] = [Math.min, Math.max].map((of) => new Date(of(...times.map(Number))));
  const rows = await read.rows<[string, string]>(`${sql} order by s.customer_id, s.t0`, [
    oldest as Date,
    newest as Date,
    ids,
    times,
  ]);
  return matrixOf(
    rows.map(([, text]) => text),
    features,
  );
}

/** Joins pages to one set in the order of time. A feature with one value only is left out. */
function setOf(pages: readonly Page[], features: readonly Feature[], windowDays: number): TrainingSet {
  const times = Float64Array.from(pages.flatMap((page) => page.times));
  const rows = times.length;
  const places = placesInTime(times);
  const kept = features.map((_, index) => index).filter((index) => isVaried(pages, index));
  const values = new Float32Array(kept.length * rows);
  const labels = new Uint8Array(rows);
  const customers = new Uint32Array(rows);
  let first = 0;
  for (const page of pages) {
    const size = page.labels.length;
    for (const [row, label] of page.labels.entries()) {
      const place = places[first + row] as number;
      labels[place] = Number(label);
      customers[place] = page.customers[row] as number;
      for (const [column, feature] of kept.entries())
        values[column * rows + place] = page.matrix[feature * size + row] as number;
    }
    first += size;
  }
  const featureNames = kept.map((index) => (features[index] as Feature).name);
  return { featureNames, rows, values, labels, customers, times: times.toSorted(), windowDays };
}

/** The place of each row in the order of time. Rows of the same time keep their order. */
function placesInTime(times: Float64Array): Uint32Array {
  const places = new Uint32Array(times.length);
  const order = Uint32Array.from(times.keys()).toSorted(
    (one, other) => (times[one] as number) - (times[other] as number),
  );
  for (const [place, row] of order.entries()) places[row] = place;
  return places;
}

function isVaried(pages: readonly Page[], feature: number): boolean {
  const first = pages[0]?.matrix[feature * pages[0].labels.length];
  return pages.some(({ matrix, labels }) =>
    matrix
      .subarray(feature * labels.length, (feature + 1) * labels.length)
      .some((value) => !Object.is(value, first)),
  );
}

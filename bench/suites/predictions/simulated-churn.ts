import { probabilityOf } from '../../../src/predictions/models/rows/logits.js';
import { seededRandom } from '../../../src/predictions/models/rows/random.js';
import type { TrainingSet } from '../../../src/predictions/models/training-set.js';

const DAY_MS = 86_400_000;
const WINDOW_DAYS = 30;
const MONTHS = 24;
const FIRST_MS = Date.UTC(2024, 0, 1);
const AGE_MAX = 12;
const SOURCES = 4;
const NAMES = [
  'source_0',
  'source_1',
  'source_2',
  'source_3',
  'sessions',
  'days_since_last_event',
  'mrr',
  'age',
  'failed',
];

/** Rows of customers at the beginning of each 30 days of their active life, with the hazard that drew their label. */
export interface SimulatedChurn {
  set: TrainingSet;
  hazards: Float64Array;
}

/** How the population behaves. */
export interface Conduct {
  /** The share of customers from each source. */
  sources: readonly number[];
  /** Sessions of the last week, times the engagement of a customer. */
  sessions: number;
}

export const USUAL: Conduct = { sources: [0.4, 0.3, 0.2, 0.1], sessions: 6 };
/** The same product after a campaign that brings other people, that use it less. */
export const CHANGED: Conduct = { sources: [0.1, 0.2, 0.2, 0.5], sessions: 2 };

interface Customer {
  source: number;
  engagement: number;
  mrr: number;
  begunMonth: number;
}

/**
 * Two years of customers that begin then or in the two years before, and leave by a hazard of each 30 days: it depends on what they do, jumps where
 * two things happen together, has a season, and rises over time.
 */
export function simulateChurn(customers: number, conduct: Conduct, seed: number): SimulatedChurn {
  const random = seededRandom(seed);
  const rows: { customer: number; at: number; values: number[]; hazard: number; label: number }[] = [];
  for (let n = 0; n < customers; n += 1) {
    const customer = customerOf(conduct, random);
    for (let month = customer.begunMonth; month < MONTHS; month += 1) {
      const values = valuesOf(customer, month, conduct, random);
      const hazard = hazardOf(values, month);
      const label = random() < hazard ? 1 : 0;
      const at = FIRST_MS + (month + random()) * WINDOW_DAYS * DAY_MS;
      if (month >= 0) rows.push({ customer: n, at, values, hazard, label });
      if (label === 1) break;
    }
  }
  rows.sort((a, b) => a.at - b.at);
  return {
    hazards: Float64Array.from(rows, ({ hazard }) => hazard),
    set: {
      featureNames: NAMES,
      rows: rows.length,
      values: Float64Array.from(
        NAMES.flatMap((_, feature) => rows.map(({ values }) => values[feature] as number)),
      ),
      labels: Uint8Array.from(rows, ({ label }) => label),
      customers: Uint32Array.from(rows, ({ customer }) => customer),
      times: Float64Array.from(rows, ({ at }) => at),
      windowDays: WINDOW_DAYS,
    },
  };
}

function customerOf({ sources }: Conduct, random: () => number): Customer {
  let drawn = random();
  const source = sources.findIndex((share) => (drawn -= share) < 0);
  return {
    source: source === -1 ? SOURCES - 1 : source,
    engagement: 0.2 + 1.6 * random(),
    mrr: 10 * Math.ceil(12 * random() ** 2),
    begunMonth: Math.floor(MONTHS * (2 * random() - 1)),
  };
}

function valuesOf(customer: Customer, month: number, conduct: Conduct, random: () => number): number[] {
  const sessions = Math.floor(-Math.log(1 - random()) * customer.engagement * conduct.sessions);
  const lastEvent =
    sessions > 0 ? Math.floor(7 * random()) : random() < 0.4 ? Number.NaN : 7 + Math.floor(30 * random());
  return [
    ...Array.from({ length: SOURCES }, (_, source) => (customer.source === source ? 1 : 0)),
    sessions,
    lastEvent,
    customer.mrr,
    Math.min(AGE_MAX, month - customer.begunMonth),
    random() < 0.08 ? 1 : 0,
  ];
}

function hazardOf(
  [, , , fromAds, sessions = 0, lastEvent = 0, mrr = 0, age = 0, failed]: number[],
  month: number,
): number {
  const absent = Number.isFinite(lastEvent) ? 0.03 * lastEvent : 1.2;
  const season = 0.25 * Math.sin((2 * Math.PI * month) / 12);
  const trend = (0.3 * month) / MONTHS;
  const young = -0.5 * Math.log1p(age);
  const failedAndAway = failed === 1 && sessions === 0 ? 2 : 0;
  return probabilityOf(
    -2 -
      0.12 * Math.min(sessions, 10) +
      absent +
      (fromAds === 1 ? 0.6 : 0) -
      0.004 * mrr +
      young +
      failedAndAway +
      season +
      trend,
  );
}

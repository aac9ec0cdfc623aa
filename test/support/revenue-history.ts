import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { movementsOf } from '../../src/subscriptions/mrr-movement.js';
import type { TestDatabase } from './database/test-database.js';

/** A movement of a customer's revenue, as stored. */
export interface Movement {
  customer: string;
  currency: string;
  kind: string;
  before: number;
  after: number;
  at: Date;
  recordedAt: Date;
}

type Kind = 'new' | 'reactivation' | 'expansion' | 'contraction' | 'churn';

/** The movements of a customer whose revenue had these values, written down in this order. */
export function aHistory(
  customer: string,
  values: readonly (readonly [at: string | Date, after: number])[],
  currency = 'usd',
): Movement[] {
  let stored: Record<string, number> = {};
  return values.flatMap(([at, after]) => {
    const movements = movementsOf(stored, { [currency]: after });
    if (movements.length > 0) stored = { [currency]: after };
    const time = new Date(at);
    return movements.map(({ kind, beforeMinor, afterMinor }) => ({
      customer,
      currency,
      kind,
      before: beforeMinor,
      after: afterMinor,
      at: time,
      recordedAt: time,
    }));
  });
}

/** Stores movements without their customers. */
export async function storeHistory(database: TestDatabase, history: readonly Movement[]): Promise<void> {
  await database.rows('set session_replication_role = replica');
  await database.rows(
    `insert into mrr_movements (id, customer_id, kind, currency, amount_minor, before_minor, after_minor,
       occurred_at, recorded_at)
     select gen_random_uuid(), id::uuid, kind, currency, after - before, before, after, at, "recordedAt"
     from json_to_recordset($1::json) as row (id text, kind text, currency text, before bigint, after bigint,
       at timestamptz, "recordedAt" timestamptz)`,
    [JSON.stringify(history.map((movement) => ({ ...movement, id: uuidOf(movement.customer) })))],
  );
}

function uuidOf(customer: string): string {
  return createHash('md5').update(customer).digest('hex');
}

/** Histories of a few customers in two currencies. Times are in any order, and many are at the edges of months. */
export const arbitraryHistory: fc.Arbitrary<Movement[]> = fc
  .array(
    fc.record({
      customer: fc.constantFrom('a', 'b', 'c', 'd'),
      currency: fc.constantFrom('usd', 'jpy'),
      values: fc.array(fc.tuple(arbitraryTime(), fc.constantFrom(0, 0, 100, 250, 1000)), { maxLength: 8 }),
      isNew: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((customers) => {
    const seen = new Set<string>();
    return customers.flatMap(({ customer, currency, values, isNew }) => {
      if (seen.has(customer + currency)) return [];
      seen.add(customer + currency);
      const history = aHistory(customer, values, currency);
      // Movements that the job has not added up yet.
      return history.map((movement) => (isNew ? { ...movement, recordedAt: new Date() } : movement));
    });
  });

function arbitraryTime(): fc.Arbitrary<Date> {
  const month = fc.integer({ min: 0, max: 5 });
  const quarters = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 2700 }));
  return fc
    .tuple(month, quarters)
    .map(([index, quarter]) => new Date(Date.UTC(2026, index, 1) + quarter * 900_000));
}

const MONTHS = ['2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07'];
const PRESENT = '2026-07';

/** YYYY-MM of a time in a zone. */
function monthIn(zone: string, at: Date): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit' });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}`;
}

function currenciesOf(history: readonly Movement[]): string[] {
  return [...new Set(history.map(({ currency }) => currency))].toSorted();
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);

/** The answer of `/admin/revenue/months`. */
export function revenueOf(history: readonly Movement[], zone: string) {
  return currenciesOf(history).flatMap((currency) => {
    const ours = history.filter((movement) => movement.currency === currency);
    return MONTHS.map((month) => {
      const until = ours.filter(({ at }) => monthIn(zone, at) <= month);
      const within = ours.filter(({ at }) => monthIn(zone, at) === month);
      const sumOf = (kind: Kind) => {
        const amounts = within.filter((m) => m.kind === kind).map(({ before, after }) => after - before);
        return { amountMinor: total(amounts), movements: amounts.length };
      };
      return {
        month,
        currency,
        isOver: month < PRESENT,
        mrrMinor: total(until.map(({ before, after }) => after - before)),
        customers: total(until.map(({ before, after }) => Number(after > 0) - Number(before > 0))),
        movements: {
          new: sumOf('new'),
          reactivation: sumOf('reactivation'),
          expansion: sumOf('expansion'),
          contraction: sumOf('contraction'),
          churn: sumOf('churn'),
        },
      };
    });
  });
}

/** The revenue of each customer at the end of a month; never less than nothing. */
function balancesOf(history: readonly Movement[], currency: string, zone: string) {
  const customers = [...new Set(history.filter((m) => m.currency === currency).map((m) => m.customer))];
  return customers.map((customer) => (month: string) => {
    const until = history.filter(
      (m) => m.customer === customer && m.currency === currency && monthIn(zone, m.at) <= month,
    );
    return Math.max(0, total(until.map(({ before, after }) => after - before)));
  });
}

/** The answer of `/admin/revenue/retention`. */
export function retentionOf(history: readonly Movement[], zone: string) {
  const before = (month: string) => ['2026-01', ...MONTHS][MONTHS.indexOf(month)] as string;
  return currenciesOf(history).flatMap((currency) =>
    MONTHS.map((month) => {
      const pairs = balancesOf(history, currency, zone)
        .map((balance) => [balance(before(month)), balance(month)] as const)
        .filter(([opening]) => opening > 0);
      const opening = total(pairs.map(([first]) => first));
      const isOver = month < PRESENT;
      return {
        month,
        currency,
        customers: pairs.length,
        openingMrrMinor: opening,
        grr: isOver ? share(total(pairs.map(([first, last]) => Math.min(first, last))), opening) : null,
        nrr: isOver ? share(total(pairs.map(([, last]) => last)), opening) : null,
      };
    }),
  );
}

/** The answer of `/admin/revenue/cohorts`. */
export function cohortsOf(history: readonly Movement[], zone: string) {
  const earlier = ['2025-12', '2026-01'];
  return currenciesOf(history).flatMap((currency) =>
    MONTHS.filter((month) => month < PRESENT).flatMap((cohort) => {
      const members = balancesOf(history, currency, zone).filter((balance) => {
        return [...earlier, ...MONTHS].find((month) => balance(month) > 0) === cohort;
      });
      if (members.length === 0) return [];
      const opening = total(members.map((balance) => balance(cohort)));
      const cells = MONTHS.filter((month) => month >= cohort).map((month) => {
        if (month >= PRESENT) return { month, customers: null, mrrMinor: null, grr: null, nrr: null };
        const last = members.map((balance) => balance(month));
        const gross = total(members.map((balance) => Math.min(balance(month), balance(cohort))));
        return {
          month,
          customers: last.filter((value) => value > 0).length,
          mrrMinor: total(last),
          grr: share(gross, opening),
          nrr: share(total(last), opening),
        };
      });
      return { currency, cohort, customers: members.length, openingMrrMinor: opening, months: cells };
    }),
  );
}

import type { MrrMovementKind } from '../../events/subscriptions/mrr-moved.event.js';
import type { Months } from './months.js';
import type { CohortChange, MonthChange, MonthSum } from './revenue.queries.js';
import type {
  CohortCellDto,
  CohortDto,
  MovementSumsDto,
  RetentionDto,
  RevenueMonthDto,
} from './revenue.dto.js';

const KINDS: readonly MrrMovementKind[] = ['new', 'reactivation', 'expansion', 'contraction', 'churn'];

/** How a movement of a kind changes the number of customers with revenue. */
const CUSTOMERS: Readonly<Record<MrrMovementKind, number>> = {
  new: 1,
  reactivation: 1,
  expansion: 0,
  contraction: 0,
  churn: -1,
};

/** @param sums by currency */
export function revenueMonthsFrom(sums: readonly MonthSum[], months: Months): RevenueMonthDto[] {
  return [...groupBy(sums, ({ currency }) => currency)].flatMap(([currency, ofCurrency]) => {
    let [mrrMinor, customers] = [0, 0];
    return ['', ...months.names]
      .map((month, index) => {
        const ofMonth = ofCurrency.filter((sum) => sum.month === index);
        mrrMinor += sumOf(ofMonth, ({ amountMinor }) => amountMinor);
        customers += sumOf(ofMonth, ({ kind, movements }) => CUSTOMERS[kind] * movements);
        const isOver = month < months.present;
        return { month, currency, isOver, mrrMinor, customers, movements: movementsFrom(ofMonth) };
      })
      .slice(1);
  });
}

function movementsFrom(sums: readonly MonthSum[]): MovementSumsDto {
  const byKind = KINDS.map((kind) => {
    const { amountMinor, movements } = sums.find((sum) => sum.kind === kind) ?? NO_MOVEMENTS;
    return [kind, { amountMinor, movements }];
  });
  return Object.fromEntries(byKind) as MovementSumsDto;
}

const NO_MOVEMENTS = { amountMinor: 0, movements: 0 };

/** @param changes by currency */
export function retentionFrom(changes: readonly MonthChange[], months: Months): RetentionDto[] {
  return [...groupBy(changes, ({ currency }) => currency)].flatMap(([currency, ofCurrency]) => {
    let [mrr, customers] = [0, 0];
    return ['', ...months.names]
      .map((month, index) => {
        const change = ofCurrency.find((candidate) => candidate.month === index);
        const [openingMrrMinor, before] = [mrr, customers];
        mrr += change?.mrr ?? 0;
        customers += change?.customers ?? 0;
        const isOver = month < months.present;
        const rate = (lost = 0) => (isOver ? shareOf(openingMrrMinor + lost, openingMrrMinor) : null);
        const [grr, nrr] = [rate(change?.gross), rate(change?.net)];
        return { month, currency, customers: before, openingMrrMinor, grr, nrr };
      })
      .slice(1);
  });
}

/** @param changes by currency and cohort */
export function cohortsFrom(changes: readonly CohortChange[], months: Months): CohortDto[] {
  const cohorts = groupBy(changes, ({ currency, cohort }) => `${currency} ${cohort}`);
  return [...cohorts.values()].flatMap((ofCohort) => {
    const { currency, cohort } = ofCohort[0] as CohortChange;
    const name = months.names[cohort - 1];
    if (name === undefined || name >= months.present) return [];
    const cells = cellsFrom(ofCohort, months);
    const [first] = cells;
    const [customers, openingMrrMinor] = [first?.customers ?? 0, first?.mrrMinor ?? 0];
    return { currency, cohort: name, customers, openingMrrMinor, months: cells };
  });
}

function cellsFrom(ofCohort: readonly CohortChange[], { names, present }: Months): CohortCellDto[] {
  const { cohort } = ofCohort[0] as CohortChange;
  const opening = ofCohort.find(({ month }) => month === cohort)?.mrr ?? 0;
  let [customers, mrrMinor, gross] = [0, 0, 0];
  return names.slice(cohort - 1).map((month, index) => {
    if (month >= present) return { month, customers: null, mrrMinor: null, grr: null, nrr: null };
    const change = ofCohort.find((candidate) => candidate.month === cohort + index);
    customers += change?.customers ?? 0;
    mrrMinor += change?.mrr ?? 0;
    gross += change?.gross ?? 0;
    return { month, customers, mrrMinor, grr: shareOf(gross, opening), nrr: shareOf(mrrMinor, opening) };
  });
}

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** As `Map.groupBy`, which Node 20 lacks. */
function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

import type { MrrMovementKind } from '../events/subscriptions/mrr-moved.event.js';
import type { Mrr } from './mrr.js';

/** A change of a customer's monthly recurring revenue in one currency, in minor units. */
export interface Movement {
  currency: string;
  kind: MrrMovementKind;
  beforeMinor: number;
  afterMinor: number;
}

/**
 * What has moved, one movement per currency. The sum of all movements of a customer is the revenue.
 * @param before by currency; a currency in which there ever was revenue has an entry, with 0 now
 */
export function movementsOf(before: Readonly<Mrr>, after: Readonly<Mrr>): Movement[] {
  const currencies = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return currencies.flatMap((currency) => {
    const [beforeMinor, afterMinor] = [before[currency] ?? 0, after[currency] ?? 0];
    if (beforeMinor === afterMinor) return [];
    return [{ currency, kind: kindOf(beforeMinor, afterMinor, currency in before), beforeMinor, afterMinor }];
  });
}

function kindOf(before: number, after: number, hasHadRevenue: boolean): MrrMovementKind {
  if (before === 0) return hasHadRevenue ? 'reactivation' : 'new';
  if (after === 0) return 'churn';
  return after > before ? 'expansion' : 'contraction';
}

/** The revenue that is stored after the movements: a currency stays once there was revenue in it. */
export function revenueAfter(before: Readonly<Mrr>, movements: readonly Movement[]): Mrr {
  return {
    ...before,
    ...Object.fromEntries(movements.map(({ currency, afterMinor }) => [currency, afterMinor])),
  };
}

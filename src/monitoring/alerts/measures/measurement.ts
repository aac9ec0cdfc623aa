import type { SignalName } from '../signals/signals.js';

/** The value of an alert, in its own unit, and in words. */
export interface Measurement {
  readonly value: number;
  readonly detail: string;
}

/** Fewer than so many failures are no rate. */
const FEWEST_FAILURES = 3;

/** Sums of signals over a time. */
export type SignalSums = Readonly<Record<SignalName, number>>;

/** @param what what failed, of what: `notifications of the last hour failed` */
export function share(failed: number, total: number, what: string): Measurement {
  const value = failed < FEWEST_FAILURES || total === 0 ? 0 : failed / total;
  return { value, detail: `${failed} of ${total} ${what}` };
}

export function amount(value: number, what: string): Measurement {
  return { value, detail: `${Math.round(value)} ${what}` };
}

/** @param told what there is to say when it is so; null when it is not */
export function whether(told: string | null, otherwise: string): Measurement {
  return { value: told === null ? 0 : 1, detail: told ?? otherwise };
}

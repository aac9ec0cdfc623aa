import type { MendedName, SignalName } from '../signals/signals.js';

/** The value of an alert, in its unit and in words. */
export interface Measurement {
  readonly value: number;
  readonly detail: string;
}

/** The minimum number of failures for a rate. */
const FEWEST_FAILURES = 3;

/** The sums of signals over a time. */
export type SignalSums = Readonly<Record<SignalName | MendedName, number>>;

/** @param what the failures and their total in words: `notifications of the last hour failed` */
export function share(counted: number, total: number, what: string): Measurement {
  // The number of repairs can exceed the number of failures, because a killed process had not recorded all
  // failures.
  const failed = Math.max(0, counted);
  const value = failed < FEWEST_FAILURES || total === 0 ? 0 : failed / total;
  return { value, detail: `${failed} of ${total} ${what}` };
}

export function amount(value: number, what: string): Measurement {
  return { value, detail: `${Math.round(value)} ${what}` };
}

/** @param problem the detail if the condition holds, else null */
export function whether(problem: string | null, otherwise: string): Measurement {
  return { value: problem === null ? 0 : 1, detail: problem ?? otherwise };
}

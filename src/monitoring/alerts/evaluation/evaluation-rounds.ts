/** The interval of evaluations in each process. */
export const EVALUATE_EVERY_MS = 30_000;

/** An evaluation counts as current until three rounds have been missed. */
const MISSED_ROUNDS_MAX = 3;

/** Whether the last evaluation of an alert is too old for its state to be current. */
export function isStale(evaluatedAt: Date, now: Date): boolean {
  return now.getTime() - evaluatedAt.getTime() > MISSED_ROUNDS_MAX * EVALUATE_EVERY_MS;
}

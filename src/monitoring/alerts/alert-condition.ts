import type { AlertThreshold } from './declarations/alert-declaration.js';

/** `resolved` is an inactive alert that has fired before. */
export const ALERT_STATES = ['inactive', 'pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export interface AlertCondition {
  readonly state: AlertState;
  /** The start of the state. */
  readonly since: Date;
  /** The time since which the value of a firing alert has been below `resolve`. */
  readonly clearSince: Date | null;
}

/**
 * The next condition of an alert with this value. A value at or above `fire` makes it pending, and firing
 * after `forSeconds`; a firing one is resolved after the value has stayed below `resolve` for `clearSeconds`.
 */
export function nextCondition(
  current: AlertCondition,
  value: number,
  threshold: AlertThreshold,
  now: Date,
): AlertCondition {
  const become = (state: AlertState): AlertCondition => ({ state, since: now, clearSince: null });
  if (current.state === 'firing') return whileFiring(current, value, threshold, now);
  if (value < threshold.fire) return current.state === 'pending' ? become('inactive') : current;
  const wrongFor = current.state === 'pending' ? secondsBetween(current.since, now) : 0;
  if (wrongFor >= threshold.forSeconds) return become('firing');
  return current.state === 'pending' ? current : become('pending');
}

function whileFiring(
  current: AlertCondition,
  value: number,
  { resolve, clearSeconds }: AlertThreshold,
  now: Date,
): AlertCondition {
  if (value >= resolve) return current.clearSince ? { ...current, clearSince: null } : current;
  const clearSince = current.clearSince ?? now;
  if (secondsBetween(clearSince, now) < clearSeconds) return { ...current, clearSince };
  return { state: 'resolved', since: now, clearSince: null };
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1000;
}

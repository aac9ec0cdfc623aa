import type { AlertThreshold } from '../../../platform/config/alert-thresholds.js';
import type { AlertChange } from '../alert-change.entity.js';
import type { Alert } from '../alert.entity.js';
import type { Measurement } from '../measures/measurement.js';
import { nextCondition } from './alert-condition.js';

/** An alert as it is next, and what there is to write and to tell about it. */
export interface AlertStep {
  readonly alert: Alert;
  /** Null when there is nothing to write. */
  readonly change: AlertChange['change'] | null;
  readonly isTold: boolean;
}

/**
 * What becomes of an alert at an evaluation. That it fires is told once it is not silenced, again every
 * `remindMs` (0: never) until somebody acknowledges it, and at last that it is over.
 */
export function stepOf(
  before: Alert,
  { value, detail }: Measurement,
  threshold: AlertThreshold,
  now: Date,
  remindMs: number,
): AlertStep {
  const alert: Alert = {
    ...before,
    ...nextCondition(before, value, threshold, now),
    value,
    detail,
    evaluatedAt: now,
  };
  const change = alert.state === before.state ? null : alert.state;
  const isSilenced = alert.silencedUntil !== null && alert.silencedUntil > now;
  if (alert.state !== 'firing') {
    const isTold = change === 'resolved' && before.toldAt !== null && !isSilenced;
    return { alert: { ...alert, toldAt: null, acknowledgedBy: null }, change, isTold };
  }
  if (isSilenced || !isDue(alert, now, remindMs)) return { alert, change, isTold: false };
  return { alert: { ...alert, toldAt: now }, change: change ?? 'reminded', isTold: true };
}

function isDue({ toldAt, acknowledgedBy }: Alert, now: Date, remindMs: number): boolean {
  if (acknowledgedBy !== null) return false;
  return toldAt === null || (remindMs > 0 && now.getTime() - toldAt.getTime() >= remindMs);
}

/** How an alert stands that has never been evaluated. */
export function newAlert(name: Alert['name'], now: Date): Alert {
  return {
    name,
    state: 'inactive',
    since: now,
    clearSince: null,
    value: 0,
    detail: '',
    evaluatedAt: now,
    toldAt: null,
    acknowledgedBy: null,
    silencedUntil: null,
    silenceReason: null,
  };
}

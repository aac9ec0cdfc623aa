import type { AlertThreshold } from '../declarations/alert-declaration.js';
import type { AlertChange } from '../alert-change.entity.js';
import type { Alert } from '../alert.entity.js';
import type { Measurement } from '../declarations/measurement.js';
import { type AlertCondition, nextCondition } from '../alert-condition.js';
import { isStale } from './evaluation-rounds.js';

/** The next state of an alert, with the change to write and whether a notice is due. */
export interface AlertStep {
  readonly alert: Alert;
  /** Null if there is nothing to write. */
  readonly change: AlertChange['change'] | null;
  readonly isDue: boolean;
}

/**
 * Evaluates an alert. A notice is due when it fires and is not silenced, again every `remindMs` (0: never)
 * until an operator acknowledges it, and when it is resolved.
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
    ...nextCondition(observed(before, now), value, threshold, now),
    value,
    detail,
    evaluatedAt: now,
  };
  const change = alert.state === before.state ? null : alert.state;
  const isSilenced = alert.silencedUntil !== null && alert.silencedUntil > now;
  if (alert.state !== 'firing') {
    const isDue = change === 'resolved' && before.toldAt !== null && !isSilenced;
    return { alert: { ...alert, toldAt: null, acknowledgedBy: null }, change, isDue };
  }
  if (isSilenced || !isNoticeDue(alert, now, remindMs)) return { alert, change, isDue: false };
  return { alert: { ...alert, toldAt: now }, change: change ?? 'reminded', isDue: true };
}

/** Durations count only while alerts are evaluated: after missed rounds they start again at zero. */
function observed(alert: Alert, now: Date): AlertCondition {
  if (!isStale(alert.evaluatedAt, now)) return alert;
  return { ...alert, since: alert.state === 'pending' ? now : alert.since, clearSince: null };
}

function isNoticeDue({ toldAt, acknowledgedBy }: Alert, now: Date, remindMs: number): boolean {
  if (acknowledgedBy !== null) return false;
  return toldAt === null || (remindMs > 0 && now.getTime() - toldAt.getTime() >= remindMs);
}

/** The state of an alert that has never been evaluated. */
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

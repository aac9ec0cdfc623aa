import type { AlertThreshold } from './declarations/alert-declaration.js';
import { ALERT_NAMES, type AlertName, ALERTS } from './declarations/alert-declarations.js';

/**
 * The defaults with the changes of the operator: `{"disk_full": {"fire": 0.8, "resolve": 0.7}}`. Lowering
 * `fire` alone lowers `resolve` with it.
 * @returns null if the text is no such object, names an unknown alert or value, or `resolve` is above `fire`
 */
export function readThresholds(text: string): Record<AlertName, AlertThreshold> | null {
  const changes = parseObject(text);
  if (!changes || !Object.keys(changes).every((name) => Object.hasOwn(ALERTS, name))) return null;
  const read = ALERT_NAMES.map(
    (name) => [name, change(ALERTS[name].threshold, changes[name] ?? {})] as const,
  );
  return read.every(([, threshold]) => threshold !== null)
    ? (Object.fromEntries(read) as Record<AlertName, AlertThreshold>)
    : null;
}

function change(threshold: AlertThreshold, changes: unknown): AlertThreshold | null {
  if (!isObject(changes)) return null;
  const isKnown = Object.entries(changes).every(([key, value]) =>
    key === 'enabled'
      ? typeof value === 'boolean'
      : Object.hasOwn(threshold, key) && typeof value === 'number' && value >= 0,
  );
  if (!isKnown) return null;
  const changed = { ...threshold, ...changes };
  if (!('resolve' in changes)) Object.assign(changed, { resolve: Math.min(changed.resolve, changed.fire) });
  return changed.resolve <= changed.fire && changed.fire > 0 ? changed : null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

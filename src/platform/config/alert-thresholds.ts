/** When an alert fires, and when it is over. The unit of `fire` and `resolve` is the alert's own. */
export interface AlertThreshold {
  /** Looked at or not. */
  readonly enabled: boolean;
  /** From this value on there is something wrong. */
  readonly fire: number;
  /** Below this value it is well again; at most `fire`, and lower where values waver. */
  readonly resolve: number;
  /** For how long it must be wrong before anybody is told. */
  readonly forSeconds: number;
  /** For how long it must be well before it counts as over. */
  readonly clearSeconds: number;
}

const minutes = (count: number) => count * 60;
const whether = { enabled: true, fire: 1, resolve: 1, forSeconds: 0, clearSeconds: 0 };

/** The alerts with their defaults. `ALERT_RULES` changes single values. */
export const ALERT_THRESHOLDS = {
  /** Share of the new customers of the last hour of whom nothing came. */
  high_error_rate: { enabled: true, fire: 0.1, resolve: 0.05, forSeconds: 60, clearSeconds: minutes(5) },
  /** Share of the notifications that ended in the last hour, and failed. */
  notification_failures: {
    enabled: true,
    fire: 0.1,
    resolve: 0.05,
    forSeconds: 60,
    clearSeconds: minutes(5),
  },
  /** Share of the events of the last ten minutes that took more than 2.5 s. */
  processing_timeouts: { enabled: true, fire: 0.05, resolve: 0.02, forSeconds: 60, clearSeconds: minutes(2) },
  /** Deliveries of the last five minutes that were answered 503. */
  database_connections: { enabled: true, fire: 5, resolve: 1, forSeconds: 0, clearSeconds: 0 },
  /** Seconds for which a worker has not been able to write to the database. */
  database_down: { enabled: true, fire: 30, resolve: 1, forSeconds: 0, clearSeconds: 0 },
  /** Whether it is quieter than in the week before. */
  silence: whether,
  /** Whether an event that Stripe has made is missing. */
  event_missing: whether,
  /** Refused signatures of the last ten minutes. */
  signature_failures: { enabled: true, fire: 30, resolve: 10, forSeconds: 0, clearSeconds: minutes(2) },
  /** Seconds for which the oldest due job, or the oldest thin event, has been waiting. */
  oldest_unprocessed: { enabled: true, fire: 60, resolve: 30, forSeconds: 0, clearSeconds: 30 },
  /** Jobs given up. */
  dead_jobs: whether,
  /** Whether the endpoint in Stripe is missing, disabled or not subscribed. */
  endpoint_disabled: whether,
  /** Whether an old webhook secret still signs. */
  old_secret_in_use: whether,
  /** Whether the mail server does not let us in. */
  smtp_auth: whether,
  /** Seconds for which a channel has had faults that paused it. */
  channel_down: { enabled: true, fire: minutes(10), resolve: 1, forSeconds: 0, clearSeconds: 0 },
  /** Used share of the file system of `DATA_DIR`. */
  disk_full: { enabled: true, fire: 0.9, resolve: 0.85, forSeconds: 0, clearSeconds: 0 },
  /** Differences from Stripe that the newest scheduled comparison found. */
  drift_found: whether,
} as const satisfies Record<string, AlertThreshold>;

export type AlertName = keyof typeof ALERT_THRESHOLDS;

export const ALERT_NAMES = Object.keys(ALERT_THRESHOLDS) as AlertName[];

/**
 * The defaults with what the operator changed of them: `{"disk_full": {"fire": 0.8, "resolve": 0.7}}`. Lowering
 * `fire` alone lowers `resolve` with it.
 * @returns null when the text is no such object, names an unknown alert or value, or `resolve` is above `fire`
 */
export function readThresholds(text: string): Record<AlertName, AlertThreshold> | null {
  const changes = parseObject(text);
  if (!changes || !Object.keys(changes).every((name) => Object.hasOwn(ALERT_THRESHOLDS, name))) return null;
  const read = ALERT_NAMES.map(
    (name) => [name, change(ALERT_THRESHOLDS[name], changes[name] ?? {})] as const,
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

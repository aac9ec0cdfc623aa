/**
 * For how many days rows are kept. Only of tables that nothing else relies on: customers, users, notifications
 * and the ids of events stay until they are erased (a notification keeps its customer from being told twice),
 * audit entries for ever. The ids of these tables are UUIDs of version 7, so the id tells the age.
 */
export const RETENTION_DAYS = {
  in_app_messages: 730,
  portal_links: 90,
  analytics_events: 730,
  notification_attempts: 400,
  reconciliations: 400,
  webhook_event_replays: 400,
  alert_changes: 400,
} as const satisfies Record<string, number>;

export type RetainedTable = keyof typeof RETENTION_DAYS;

/** Below this a retry, a link in a mail or a replay may still need the row. */
const DAYS_MIN = 7;
const DAYS_MAX = 36_500;

/**
 * The defaults with what the operator changed of them: `notification_attempts=90,portal_links=30`.
 * @returns null when the text is no such list, or names an unknown table
 */
export function readRetentionDays(text: string): Record<RetainedTable, number> | null {
  const days: Record<string, number> = { ...RETENTION_DAYS };
  for (const item of text === '' ? [] : text.split(',')) {
    const [, table = '', count] = /^([a-z_]+)=([0-9]{1,5})$/.exec(item) ?? [];
    if (!Object.hasOwn(days, table) || Number(count) < DAYS_MIN || Number(count) > DAYS_MAX) return null;
    days[table] = Number(count);
  }
  return days as Record<RetainedTable, number>;
}

/** @throws for what has not been validated */
export function toRetentionDays(text: string): Record<RetainedTable, number> {
  const days = readRetentionDays(text);
  if (!days) throw new Error('RETENTION_DAYS has not been validated');
  return days;
}

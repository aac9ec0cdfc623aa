import type { TestDatabase } from './test-database.js';

/** All tables that an event can add rows to. */
const TABLES = [
  'webhook_events',
  'customers',
  'customer_preferences',
  'portal_accesses',
  'customer_lifecycles',
  'lifecycle_transitions',
  'notifications',
  'audit_entries',
  'analytics_events',
];

/** The rows that a new customer of a new user adds in one transaction. Jobs count by payload. */
export const ROWS_OF_A_CUSTOMER = {
  webhook_events: 1,
  customers: 1,
  customer_preferences: 1,
  portal_accesses: 1,
  customer_lifecycles: 1,
  lifecycle_transitions: 1,
  notifications: 3,
  audit_entries: 1,
  'job deliver-notification': 3,
  'job track-customer-created': 1,
};

/** Rows per table and payloads per job; tables without rows are left out. */
export async function storedRows(database: TestDatabase): Promise<Record<string, number>> {
  const counts = TABLES.map((table) => `select '${table}' as name, count(*)::int from ${table}`);
  const rows = await database.rows<{ name: string; count: number }>(
    `${counts.join(' union all ')} union all ${JOB_PAYLOADS}`,
  );
  return Object.fromEntries(rows.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]));
}

/** Runs an act and returns its result with the rows that it added to the database. */
export async function rowsAddedBy<T>(
  database: TestDatabase,
  act: () => Promise<T>,
): Promise<{ result: T; added: Record<string, number> }> {
  const before = await storedRows(database);
  const result = await act();
  const after = Object.entries(await storedRows(database));
  const added = after
    .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
    .filter(([, count]) => count !== 0);
  return { result, added: Object.fromEntries(added) };
}

const JOB_PAYLOADS = `
  select 'job ' || tasks.identifier,
    sum(case json_typeof(jobs.payload) when 'array' then json_array_length(jobs.payload) else 1 end)::int
  from graphile_worker._private_jobs jobs
  join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id
  group by 1`;

import type { Environment } from './environment.js';

/** A table outside the service's own schema that holds the MINGUS users; read, never written. */
export interface UsersTable {
  schema: string;
  table: string;
  columns: { id: string; email: string; name: string; createdAt: string };
}

export function toUsersTable(env: Environment): UsersTable | undefined {
  if (!env.USERS_TABLE) return undefined;
  const [schema = '', table = ''] = env.USERS_TABLE.split('.');
  const columns = Object.fromEntries(env.USERS_TABLE_COLUMNS.split(',').map((pair) => pair.split('=')));
  return {
    schema,
    table,
    columns: { id: columns.id, email: columns.email, name: columns.name, createdAt: columns.created_at },
  };
}

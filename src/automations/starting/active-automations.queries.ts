import type { EntityManager } from 'typeorm';
import type { When } from '../definitions/definition.js';
import type { ActiveAutomation } from './start-runs.js';

/** The enabled automations in their present versions. */
export function findActive(manager: EntityManager): Promise<ActiveAutomation[]> {
  return manager.query(ACTIVE);
}

/** The names of the enabled automations with one of these triggers. */
export async function findActiveNames(
  manager: EntityManager,
  types: readonly When['type'][],
): Promise<string[]> {
  const rows = await manager.query<{ name: string }[]>(NAMES, [types]);
  return rows.map(({ name }) => name);
}

/** Locks an enabled automation. Null if another process holds it, or if it is not enabled any more. */
export async function lockActive(
  manager: EntityManager,
  name: string,
): Promise<(ActiveAutomation & { overdueUntil: Date }) | null> {
  const [row] = await manager.query<(ActiveAutomation & { overdueUntil: Date })[]>(LOCK, [name]);
  return row ?? null;
}

const COLUMNS = `name, automations.version, definition, enabled_at as "enabledAt"`;

const VERSIONS = `automations join automation_versions versions
    on versions.automation = name and versions.version = automations.version`;

const ACTIVE = `select ${COLUMNS} from ${VERSIONS} where enabled order by name`;

const NAMES = `
  select name from ${VERSIONS} where enabled and definition #>> '{when,type}' = any($1) order by name`;

const LOCK = `
  select ${COLUMNS}, overdue_until as "overdueUntil" from ${VERSIONS} where enabled and name = $1
  for update of automations skip locked`;

import type { EntityManager } from 'typeorm';
import type { AutomationDto } from './automation.dto.js';

/** Automations as the API shows them. Runs that have ended well are not counted, because their number only grows. @param name null for all */
export function findAutomations(manager: EntityManager, name: string | null): Promise<AutomationDto[]> {
  return manager.query(AUTOMATIONS, [name]);
}

const openIn = (state: string) => `'${state}', count(*) filter (where state = '${state}')`;

const AUTOMATIONS = `
  select name, enabled, enabled_at as "enabledAt", automations.version, definition, runs,
    automations.created_at as "createdAt", automations.updated_at as "updatedAt"
  from automations
  join automation_versions versions on versions.automation = name and versions.version = automations.version
  cross join lateral (
    select jsonb_build_object(${['running', 'waiting'].map(openIn).join()}, 'failed', (
      select count(*) from automation_runs where automation_runs.automation = name and state = 'failed')) as runs
    from automation_runs where automation_runs.automation = name and due_at is not null
  ) as counted
  where $1::text is null or name = $1
  order by name`;

import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type ConnectorUser, UsesConnectors } from '../../integrations/admin/connector-user.js';

/** Names the automations that act through a connector, in their present versions and in those of runs under way. */
@Injectable()
@UsesConnectors('automations')
export class AutomationConnectors implements ConnectorUser {
  async usesOf(connector: string, manager: EntityManager): Promise<string[]> {
    const rows = await manager.query<{ name: string }[]>(USERS, [connector]);
    return rows.map(({ name }) => name);
  }
}

const USERS = `
  select distinct name from automations join automation_versions versions on automation = name
  where jsonb_path_exists(definition, '$.steps[*].connector ? (@ == $connector)', jsonb_build_object('connector', $1::text))
    and (versions.version = automations.version or exists (
      select from automation_runs runs
      where runs.automation = name and runs.version = versions.version and due_at is not null))
  order by name`;

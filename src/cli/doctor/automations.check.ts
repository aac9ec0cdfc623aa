import { type Found, note, ok, warning } from './check.js';
import { onDatabase } from './database.checks.js';

interface UsedConnector {
  automation: string;
  connector: string;
}

/** Whether the connectors that enabled automations act through are enabled. */
export const automations = onDatabase('automations', async ({ database }) => {
  const { enabled, unusable } = await database.row<{ enabled: number; unusable: UsedConnector[] }>(STATE);
  if (enabled === 0) return [note('No automation is enabled')];
  const found = unusable.map(({ automation, connector }): Found => {
    const detail = `Actions of the automation ${automation} wait, because the connector ${connector} is disabled`;
    return warning(detail, `POST /admin/connectors/${connector}/enable, or change the automation`);
  });
  return found.length > 0 ? found : [ok(`${enabled} enabled`)];
});

const STATE = `
  with used as (
    select distinct automation, connector #>> '{}' as connector
    from automations join automation_versions versions on automation = name and versions.version = automations.version
    cross join jsonb_path_query(definition, '$.steps[*].connector') as connector
    where enabled
  )
  select (select count(*)::int from automations where enabled) as enabled,
    coalesce((
      select jsonb_agg(used order by automation, used.connector) from used
      where not exists (select from connectors where name = used.connector and connectors.enabled)
    ), '[]') as unusable`;

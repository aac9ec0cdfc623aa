import { type Definition, rulesOf } from '../../automations/definitions/definition.js';
import { parseRule } from '../../segments/rules/parse-rule.js';
import { type Found, note, ok, problem, warning } from './check.js';
import { onDatabase } from './database.checks.js';

interface EnabledAutomation {
  name: string;
  definition: Definition;
}

interface State {
  enabled: EnabledAutomation[];
  segments: string[];
  connectors: string[];
}

/** Whether the rules of each enabled automation can be evaluated, and whether its connectors are enabled. */
export const automations = onDatabase('automations', async ({ database }) => {
  const { enabled, segments, connectors } = await database.row<State>(STATE);
  if (enabled.length === 0) return [note('No automation is enabled')];
  const names = new Set(segments);
  const found = enabled.flatMap(({ name, definition }): Found[] => [
    ...rulesOf(definition)
      .filter(([, rule]) => 'problems' in parseRule(rule, names))
      .map(([place]) =>
        problem(
          `The rule ${place} of the automation ${name} cannot be evaluated`,
          `Correct it: PUT /admin/automations/${name}`,
        ),
      ),
    ...connectorsOf(definition)
      .filter((connector) => !connectors.includes(connector))
      .map((connector) =>
        warning(
          `Actions of the automation ${name} wait, because the connector ${connector} is disabled`,
          `POST /admin/connectors/${connector}/enable, or change the automation`,
        ),
      ),
  ]);
  return found.length > 0 ? found : [ok(`${enabled.length} enabled`)];
});

function connectorsOf({ steps }: Definition): string[] {
  return [...new Set(steps.flatMap((step) => ('connector' in step ? [step.connector] : [])))];
}

const STATE = `
  select
    coalesce((
      select jsonb_agg(jsonb_build_object('name', name, 'definition', definition) order by name)
      from automations join automation_versions versions
        on automation = name and versions.version = automations.version
      where enabled
    ), '[]') as enabled,
    array(select name from segments where serving_version_id is not null) as segments,
    array(select name from connectors where enabled) as connectors`;

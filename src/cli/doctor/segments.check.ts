import { NotificationsSettings } from '../../notifications/notifications.settings.js';
import { type DefinitionRow, definitionsOf } from '../../segments/definitions/definitions.js';
import { ACTIVE_DEFINITIONS } from '../../segments/definitions/segment-definitions.service.js';
import { type Found, ok, problem, warning } from './check.js';
import { onDatabase } from './database.checks.js';

/** Whether each segment can be evaluated, and whether the segments exist that kinds of message are limited to. */
export const segments = onDatabase('segments', async ({ database, environment }) => {
  const { defined } = await database.row<{ defined: DefinitionRow[] }>(DEFINED);
  const { broken, servingIds } = definitionsOf(0, defined);
  const found = broken.map(({ segment, problems: [first] }): Found => {
    const detail = `The rule of ${segment} cannot be evaluated, so its members stay: ${first?.detail}`;
    return problem(detail, `Correct it: PATCH /admin/segments/${segment}`);
  });
  const { audiences = new Map<string, string>() } = new NotificationsSettings(environment);
  for (const [kind, segment] of audiences) {
    if (servingIds.has(segment)) continue;
    const mend = `Define ${segment}, or correct MESSAGE_AUDIENCES`;
    found.push(warning(`Messages of the kind ${kind} wait, because there is no segment ${segment}`, mend));
  }
  return found.length > 0 ? found : [ok(`${servingIds.size} serve`)];
});

const DEFINED = `
  select coalesce(jsonb_agg(to_jsonb(defined)), '[]') as defined from (${ACTIVE_DEFINITIONS}) as defined`;

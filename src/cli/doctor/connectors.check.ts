import { purposeOf } from '../../integrations/connectors/connector-sessions.service.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import { Secrets } from '../../platform/secrets/secrets.service.js';
import { SecretsSettings } from '../../platform/secrets/secrets.settings.js';
import { type Found, note, ok, problem, warning } from './check.js';
import { onDatabase } from './database.checks.js';

interface EnabledConnector {
  name: string;
  secrets: Record<string, string>;
  fault: string | null;
}

interface UnsettledErasures {
  connector: string;
  count: number;
}

/** Whether the secrets of each enabled connector can be read, and whether it gets through. */
export const connectors = onDatabase('connectors', async ({ database, environment }) => {
  const { enabled } = await database.row<{ enabled: EnabledConnector[] }>(ENABLED);
  const { erasures } = await database.row<{ erasures: UnsettledErasures[] }>(UNSETTLED_ERASURES);
  const unsettled = erasures.map(({ connector, count }) => {
    const mend = `Look at GET /admin/connectors/${connector}/erasures, and see "A person is not erased in a system outside" in the runbook`;
    return problem(`The connector ${connector}: ${count} persons are not erased in its system`, mend);
  });
  if (enabled.length === 0) return unsettled.length > 0 ? unsettled : [note('No connector is enabled')];
  const secrets = new Secrets(new SecretsSettings(environment));
  const found = enabled.flatMap((connector): Found[] => {
    const unreadable = problemOf(connector, secrets);
    if (unreadable) return [unreadable];
    const { name, fault } = connector;
    if (fault === null) return [];
    const mend = `Look at GET /admin/connectors/${name}/health, then POST /admin/connectors/${name}/resume`;
    return [warning(`The connector ${name} has a fault: ${fault}`, mend)];
  });
  found.push(...unsettled);
  return found.length > 0 ? found : [ok(`${enabled.length} enabled`)];
});

function problemOf({ name, secrets: stored }: EnabledConnector, secrets: Secrets): Found | null {
  try {
    for (const [secret, text] of Object.entries(stored)) secrets.read(text, purposeOf(name, secret));
    return null;
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    return problem(`The connector ${name}: ${error.message}`, 'Set the variable, or give the secret again');
  }
}

const ENABLED = `
  select coalesce(jsonb_agg(jsonb_build_object('name', name, 'secrets', secrets, 'fault', fault) order by name), '[]')
    as enabled
  from connectors where enabled`;

const UNSETTLED_ERASURES = `
  select coalesce(jsonb_agg(jsonb_build_object('connector', connector, 'count', count) order by connector), '[]')
    as erasures
  from (
    select connector, count(*) from connector_erasures
    where status = 'refused' or (status = 'under_way' and requested_at < now() - interval '24 hours')
    group by connector) as unsettled`;

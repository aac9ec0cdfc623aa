import { type Connector, ReadFailed } from '../../integrations/connectors/connector.js';
import { purposeOf } from '../../integrations/connectors/connector-sessions.service.js';
import { OutboundFault, OutboundHttp } from '../../platform/outbound/outbound-http.service.js';
import { OutboundSettings } from '../../platform/outbound/outbound.settings.js';
import { SecretUnreadable } from '../../platform/secrets/secret-box.js';
import { Secrets } from '../../platform/secrets/secrets.service.js';
import { SecretsSettings } from '../../platform/secrets/secrets.settings.js';
import { type Found, note, ok, problem, warning } from './check.js';
import { askHealth, knownConnectors } from './connector-health.js';
import { onDatabase } from './database.checks.js';

interface EnabledConnector {
  name: string;
  system: string;
  settings: Record<string, string | number | boolean>;
  secrets: Record<string, string>;
  fault: string | null;
  /** How long the oldest delivery has been due. */
  behindSeconds: number;
}

interface UnsettledErasures {
  connector: string;
  count: number;
}

/** As the alert `connector_behind`. */
const BEHIND_SECONDS_MAX = 900;

/** Whether each enabled connector can work, and whether all persons are erased who are to be. */
export const connectors = onDatabase('connectors', async ({ database, environment }) => {
  const { enabled } = await database.row<{ enabled: EnabledConnector[] }>(ENABLED);
  const { erasures } = await database.row<{ erasures: UnsettledErasures[] }>(UNSETTLED_ERASURES);
  const unsettled = erasures.map(({ connector, count }) => {
    const mend = `Look at GET /admin/connectors/${connector}/erasures, and see "A person is not erased in a system outside" in the runbook`;
    return problem(`The connector ${connector}: ${count} persons are not erased in its system`, mend);
  });
  if (enabled.length === 0) return unsettled.length > 0 ? unsettled : [note('No connector is enabled')];
  const known = knownConnectors();
  const secrets = new Secrets(new SecretsSettings(environment));
  const http = new OutboundHttp(new OutboundSettings(environment));
  try {
    const examined = enabled.map((one) => examine(one, known.get(one.system), { secrets, http }));
    const found = [...(await Promise.all(examined)).flat(), ...unsettled];
    return found.length > 0 ? found : [ok(`${enabled.length} enabled`)];
  } finally {
    await http.onApplicationShutdown();
  }
});

async function examine(
  instance: EnabledConnector,
  connector: Connector | undefined,
  tools: { secrets: Secrets; http: OutboundHttp },
): Promise<Found[]> {
  const { name, system, fault, behindSeconds } = instance;
  if (!connector)
    return [problem(`The connector ${name}: this release has no ${system}`, 'Update the service')];
  const unreadable = unreadableSecret(instance, connector, tools.secrets);
  if (unreadable) return [unreadable];
  const found = await answerOf(instance, connector, tools);
  if (fault !== null)
    found.push(
      warning(
        `The connector ${name} has a fault: ${fault}`,
        `Look at GET /admin/connectors/${name}/health, then POST /admin/connectors/${name}/resume`,
      ),
    );
  if (behindSeconds > BEHIND_SECONDS_MAX)
    found.push(
      warning(
        `Deliveries to ${name} have waited for ${Math.round(behindSeconds / 60)} minutes`,
        `Look at GET /admin/connectors/${name}, and whether a worker runs`,
      ),
    );
  return found;
}

function unreadableSecret(
  { name, secrets: stored }: EnabledConnector,
  connector: Connector,
  secrets: Secrets,
) {
  const needed = connector.describe().secrets.filter(({ isOptional }) => !isOptional);
  const missing = needed.filter((secret) => stored[secret.name] === undefined);
  if (missing.length > 0)
    return problem(
      `The connector ${name} lacks ${missing.map((secret) => secret.name).join(', ')}`,
      `Give it with PATCH /admin/connectors/${name}`,
    );
  try {
    for (const [secret, text] of Object.entries(stored)) secrets.read(text, purposeOf(name, secret));
    return null;
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    return problem(`The connector ${name}: ${error.message}`, 'Set the variable, or give the secret again');
  }
}

/** What the system says about the connector. */
async function answerOf(
  instance: EnabledConnector,
  connector: Connector,
  tools: { secrets: Secrets; http: OutboundHttp },
): Promise<Found[]> {
  const { name } = instance;
  const { title } = connector.describe();
  try {
    const { credential, missingScopes, missingFields } = await askHealth(connector, instance, tools);
    if (credential === 'refused')
      return [
        problem(
          `${title} refuses the credential of ${name}`,
          `Give a new one with PATCH /admin/connectors/${name}`,
        ),
      ];
    return [
      ...missingScopes.map((scope) =>
        problem(`The credential of ${name} lacks ${scope}`, `Grant it in ${title}`),
      ),
      ...missingFields.map((field) =>
        problem(`${title} has no field ${field} for ${name}`, `Add it in ${title}`),
      ),
    ];
  } catch (error) {
    const code = codeOf(error);
    const mend = 'Correct its address, or OUTBOUND_PRIVATE_NETWORKS';
    return [warning(`${title} does not answer ${name} from here: ${code}`, mend)];
  }
}

/** Why a system was not asked. @throws any other error */
function codeOf(error: unknown): string {
  if (error instanceof OutboundFault) return error.code;
  if (error instanceof ReadFailed) return error.result.code;
  throw error;
}

const ENABLED = `
  select coalesce(jsonb_agg(jsonb_build_object('name', name, 'system', system, 'settings', settings, 'secrets', secrets,
    'fault', fault, 'behindSeconds', coalesce(extract(epoch from now() - due), 0)) order by name), '[]') as enabled
  from connectors
  left join lateral (
    select min(next_attempt_at) as due from deliveries
    where connector = name and status = 'queued' and not is_backfill
      and coalesce(capped_until, '-infinity') <= now()
  ) as oldest on true
  where enabled`;

const UNSETTLED_ERASURES = `
  select coalesce(jsonb_agg(jsonb_build_object('connector', connector, 'count', count) order by connector), '[]')
    as erasures
  from (
    select connector, count(*) from connector_erasures
    where status = 'refused' or (status = 'under_way' and requested_at < now() - interval '24 hours')
    group by connector) as unsettled`;

import type { Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { type Connector, type ConnectorHealth, Connects } from '../../integrations/connectors/connector.js';
import type { ConnectorInstance } from '../../integrations/connectors/connector-instance.entity.js';
import { purposeOf, withDefaults } from '../../integrations/connectors/connector-sessions.service.js';
import { SystemsModule } from '../../integrations/systems/systems.module.js';
import type { OutboundHttp } from '../../platform/outbound/outbound-http.service.js';
import type { Secrets } from '../../platform/secrets/secrets.service.js';

const TIMEOUT_MS = 4000;

/** The connectors of this release, by system. They have no state and need no application. */
export function knownConnectors(): ReadonlyMap<string, Connector> {
  const classes: Type<Connector>[] = Reflect.getMetadata(MODULE_METADATA.PROVIDERS, SystemsModule) ?? [];
  return new Map(
    classes.map((Class) => [String(Reflect.getMetadata(Connects.KEY, Class)), new Class()] as const),
  );
}

/** Asks a system whether a connector can work, outside of its rate. @throws OutboundFault, SecretUnreadable */
export function askHealth(
  connector: Connector,
  { name: instance, settings, secrets: stored }: Pick<ConnectorInstance, 'name' | 'settings' | 'secrets'>,
  { secrets, http }: { secrets: Secrets; http: OutboundHttp },
): Promise<ConnectorHealth> {
  return connector.health({
    settings: withDefaults(connector, settings),
    secret: (name) => {
      const secret = stored[name];
      return secret === undefined ? '' : secrets.read(secret, purposeOf(instance, name));
    },
    request: (request) => http.send({ ...request, timeoutMs: TIMEOUT_MS }),
  });
}

import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  OutboundFault,
  OutboundHttp,
  type OutboundRequest,
} from '../../platform/outbound/outbound-http.service.js';
import { Secrets } from '../../platform/secrets/secrets.service.js';
import { IntegrationsSettings } from '../integrations.settings.js';
import type { Connector, ConnectorSession, ConnectorValues, RatePolicy } from './connector.js';
import type { ConnectorInstance } from './connector-instance.entity.js';
import { ConnectorRates } from './connector-rates.service.js';

/** The code of a request that was not begun, because its answer could come too late. */
export const OUT_OF_TIME = 'OUT_OF_TIME';

type Values = Pick<ConnectorInstance, 'name' | 'system' | 'settings' | 'secrets' | 'requestsPerSecond'>;

/** Gives connectors what they work with: settings, secrets, and requests below the rate of their credential. */
@Injectable()
export class ConnectorSessions {
  constructor(
    private readonly settings: IntegrationsSettings,
    private readonly secrets: Secrets,
    private readonly rates: ConnectorRates,
    private readonly http: OutboundHttp,
  ) {}

  /**
   * @param endsAt when the last answer must have come, in milliseconds: no request begins whose time-out ends later
   * @throws SecretUnreadable
   */
  open(connector: Connector, instance: Values, endsAt = Number.POSITIVE_INFINITY): ConnectorSession {
    const rate = rateOf(connector, instance);
    const values = this.secretsOf(connector, instance);
    const credential = digestOf([instance.system, ...values.values()]);
    const usualMs = this.settings.timeoutSeconds * 1000;
    return {
      settings: withDefaults(connector, instance.settings),
      secret: (name) => valueOf(values, name),
      request: async ({ timeoutMs = usualMs, ...request }: OutboundRequest) => {
        await this.rates.take(credential, rate);
        if (Date.now() + timeoutMs > endsAt) throw new OutboundFault(OUT_OF_TIME, false, undefined);
        const response = await this.http.send({ timeoutMs, ...request });
        const freeAt = rate.freeAgainAt?.(response.headers, new Date());
        if (freeAt) await this.rates.hold(credential, freeAt);
        return response;
      },
    };
  }

  /** A digest of what decides which account is opened. @throws SecretUnreadable */
  digestOf(connector: Connector, instance: Values): string {
    const settings = Object.entries(withDefaults(connector, instance.settings)).toSorted();
    return digestOf([instance.system, settings, ...this.secretsOf(connector, instance).values()]);
  }

  /** The values for a request that is only shown. */
  masked(connector: Connector, { settings }: Pick<Values, 'settings'>): ConnectorValues {
    return { settings: withDefaults(connector, settings), secret: (name) => `<${name}>` };
  }

  private secretsOf(connector: Connector, instance: Values): ReadonlyMap<string, string> {
    return new Map(connector.describe().secrets.map(({ name }) => [name, this.read(instance, name)]));
  }

  private read({ name: connector, secrets }: Values, name: string): string {
    const stored = secrets[name];
    return stored === undefined ? '' : this.secrets.read(stored, purposeOf(connector, name));
  }
}

function rateOf(connector: Connector, { requestsPerSecond }: Values): RatePolicy {
  const { rate } = connector.describe();
  return requestsPerSecond === null ? rate : { ...rate, requests: requestsPerSecond, perSeconds: 1 };
}

/** What a secret is encrypted for. */
export function purposeOf(connector: string, secret: string): string {
  return `connector ${connector} ${secret}`;
}

/** The settings of an instance, with the defaults of its system. */
export function withDefaults(
  connector: Connector,
  given: ConnectorInstance['settings'],
): ConnectorInstance['settings'] {
  const defaults = connector
    .describe()
    .settings.flatMap(({ name, default: usual }) => (usual === undefined ? [] : [[name, usual] as const]));
  return { ...Object.fromEntries(defaults), ...given };
}

function valueOf(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`The connector declares no secret ${name}`);
  return value;
}

function digestOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

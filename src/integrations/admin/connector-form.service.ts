import { Injectable } from '@nestjs/common';
import { DomainError } from '../../platform/http/domain-error.js';
import { OutboundSettings } from '../../platform/outbound/outbound.settings.js';
import { Secrets } from '../../platform/secrets/secrets.service.js';
import type { Connector } from '../connectors/connector.js';
import type { ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { purposeOf, withDefaults } from '../connectors/connector-sessions.service.js';
import { checkSecrets, checkSettings } from './check-settings.js';

type Settings = ConnectorInstance['settings'];
type GivenSecrets = Readonly<Record<string, string>>;

/** Checks the settings and secrets that operators give, and encrypts the secrets. */
@Injectable()
export class ConnectorForm {
  constructor(
    private readonly secrets: Secrets,
    private readonly outbound: OutboundSettings,
  ) {}

  /** @throws DomainError connector_settings_invalid */
  checkSettings(connector: Connector, given: Settings): void {
    checkSettings(connector, given, this.outbound.allowed ?? []);
  }

  /** The secrets as they are stored. @throws DomainError connector_settings_invalid, secret_invalid, secrets_keys_missing */
  seal(name: string, connector: Connector, given: GivenSecrets): Record<string, string> {
    checkSecrets(connector, given, this.outbound.allowed ?? []);
    const stored = Object.entries(given).map(([secret, value]) => [
      secret,
      this.secrets.store(value, purposeOf(name, secret)),
    ]);
    return Object.fromEntries(stored);
  }

  /**
   * Refuses to send secrets that are stored to another address: only who knows them may choose where they go.
   * @throws DomainError secrets_required
   */
  checkAddresses(
    connector: Connector,
    before: Pick<ConnectorInstance, 'settings' | 'secrets'>,
    after: Settings,
    given: GivenSecrets,
  ): void {
    const [old, fresh] = [withDefaults(connector, before.settings), withDefaults(connector, after)];
    const moved = connector
      .describe()
      .settings.filter(
        ({ name, kind, isAddress }) => (kind === 'url' || isAddress) && old[name] !== fresh[name],
      )
      .map(({ name }) => name);
    const missing = Object.keys(before.secrets).filter((secret) => given[secret] === undefined);
    if (moved.length === 0 || missing.length === 0) return;
    const problem = `With another ${moved.join(', ')}, give the stored secrets again`;
    throw new DomainError('secrets_required', problem, missing);
  }
}

import { DomainError } from '../../platform/http/domain-error.js';
import { isPrivateOrEncrypted, type Network } from '../../platform/outbound/address-rules.js';
import { webUrl } from '../../platform/settings/rule.js';
import type { Connector, SettingField } from '../connectors/connector.js';

const TEXT_LENGTH_MAX = 2000;

/**
 * Checks settings against what the system declares.
 * @param networks private networks that an operator has named
 * @throws DomainError connector_settings_invalid
 */
export function checkSettings(
  connector: Connector,
  given: Record<string, unknown>,
  networks: readonly Network[],
): void {
  const { settings: fields } = connector.describe();
  const known = new Map(fields.map((field) => [field.name, field]));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  const problems = [
    ...unknown.map((name) => `${JSON.stringify(name.slice(0, 60))} is not a setting of this system`),
    ...fields.flatMap((field) => problemOf(field, given[field.name], networks) ?? []),
  ];
  if (problems.length > 0)
    throw new DomainError('connector_settings_invalid', 'The settings are not valid', problems);
}

function problemOf(
  { name, kind, choices, ...field }: SettingField,
  value: unknown,
  networks: readonly Network[],
): string | null {
  if (value === undefined) return field.default === undefined ? `${name} is missing` : null;
  const type = kind === 'number' ? 'number' : kind === 'flag' ? 'boolean' : 'string';
  if (typeof value !== type || (typeof value === 'number' && !Number.isFinite(value)))
    return `${name} must be a ${type}`;
  if (typeof value !== 'string') return null;
  if (value.length === 0 || value.length > TEXT_LENGTH_MAX || !value.isWellFormed() || value.includes('\0'))
    return `${name} must have 1 to ${TEXT_LENGTH_MAX} characters`;
  if (choices && !choices.includes(value)) return `${name} must be one of ${choices.join(', ')}`;
  return kind === 'url' ? problemOfUrl(name, value, networks) : null;
}

function problemOfUrl(name: string, value: string, networks: readonly Network[]): string | null {
  if (webUrl.read(value) === undefined || value.includes('@') || value.endsWith('/'))
    return `${name} must be an http(s) URL without user, password or slash at its end`;
  if (!isPrivateOrEncrypted(new URL(value), networks))
    return `${name} must begin with https://, unless its host is in OUTBOUND_PRIVATE_NETWORKS`;
  return null;
}

/**
 * A reference to a variable is not looked up, so an address in it is first checked by the request.
 * @throws DomainError connector_settings_invalid for a secret that the system does not declare, or whose value it cannot be
 */
export function checkSecrets(
  connector: Connector,
  given: Record<string, unknown>,
  networks: readonly Network[],
): void {
  const known = new Map(connector.describe().secrets.map((field) => [field.name, field]));
  const problems = Object.entries(given).flatMap(([name, value]) => {
    const field = known.get(name);
    if (!field) return [`${JSON.stringify(name.slice(0, 60))} is not a secret of this system`];
    if (typeof value !== 'string') return [`${name} must be a text`];
    const isAddress = field.isUrl && !value.startsWith('env:');
    return (isAddress ? problemOfUrl(name, value, networks) : null) ?? [];
  });
  if (problems.length > 0)
    throw new DomainError('connector_settings_invalid', 'The secrets are not valid', problems);
}

import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { currentCause } from '../../platform/cause.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { Connector, SecretField } from '../connectors/connector.js';
import { CLOSED_CIRCUIT, ConnectorInstance } from '../connectors/connector-instance.entity.js';
import { connectorNotFound, lockConnector } from '../connectors/connector-instances.queries.js';
import { ConnectorRegistry } from '../connectors/connector-registry.service.js';
import { CONNECTOR_FEED } from '../deliveries/connector-feed.consumer.js';
import { makeDue } from '../operations/make-due.js';
import { problemsOf } from '../mapping/check-mapping.js';
import { ConnectorMapping } from '../mapping/connector-mapping.entity.js';
import type { Mapping } from '../mapping/mapping.js';
import { startReading } from '../outbox/outbox-relay.service.js';
import { OutboxSwitch } from '../outbox/outbox-switch.service.js';
import type { ConnectorDto, CreateConnectorDto, EditConnectorDto, SystemDto } from './connector.dto.js';
import { ConnectorForm } from './connector-form.service.js';
import { findConnectors } from './connectors.queries.js';

const NEW = {
  enabled: false,
  enabledAt: null,
  ...CLOSED_CIRCUIT,
  lastSuccessAt: null,
  cappedUntil: null,
  backfillsCappedUntil: null,
};

/** Creates, edits, enables and disables connectors. Each act is audited, without secrets. */
@Injectable()
export class Connectors {
  constructor(
    private readonly registry: ConnectorRegistry,
    private readonly form: ConnectorForm,
    private readonly consumers: OutboxSwitch,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  systems(): SystemDto[] {
    return [...this.registry.systems]
      .map(([system, connector]) => toSystem(system, connector))
      .toSorted(byTitle);
  }

  list(): Promise<ConnectorDto[]> {
    return findConnectors(this.dataSource.manager, null, (system) => this.secretNames(system));
  }

  /** @throws DomainError connector_not_found */
  async get(name: string): Promise<ConnectorDto> {
    const [found] = await findConnectors(this.dataSource.manager, name, (system) => this.secretNames(system));
    if (!found) throw connectorNotFound(name);
    return found;
  }

  /** @throws DomainError system_unknown, connector_exists, and those of `edit` */
  async create({ name, system, ...given }: CreateConnectorDto): Promise<ConnectorDto> {
    const connector = this.registry.get(system);
    const { mapping: suggested, events = [], capabilities } = connector.describe();
    const settings = given.settings ?? {};
    this.form.checkSettings(connector, settings);
    const mapping = given.mapping === undefined ? suggested : checkedMapping(connector, given.mapping);
    await this.change('connector.created', name, async (manager) => {
      if (await manager.existsBy(ConnectorInstance, { name }))
        throw new DomainError('connector_exists', `There is a connector ${name}`);
      if (!(await manager.exists(ConnectorInstance))) await startReading(manager, CONNECTOR_FEED);
      const now = new Date();
      await manager.insert(ConnectorInstance, {
        ...NEW,
        name,
        system,
        settings,
        secrets: this.form.seal(name, connector, given.secrets ?? {}),
        sendsPeople: given.sendsPeople ?? capabilities.includes('upsertPerson'),
        events: given.events ?? [...events],
        maxPerDay: given.maxPerDay ?? null,
        requestsPerSecond: given.requestsPerSecond ?? null,
        mappingVersion: 1,
        createdAt: now,
        updatedAt: now,
      });
      await addMapping(manager, name, 1, mapping);
      return { system };
    });
    await this.consumers.refresh();
    return this.get(name);
  }

  /**
   * @throws DomainError connector_not_found, connector_settings_invalid, mapping_invalid, secret_invalid,
   * secrets_keys_missing, secrets_required
   */
  async edit(name: string, given: EditConnectorDto): Promise<ConnectorDto> {
    await this.change('connector.edited', name, async (manager) => {
      const instance = await lockConnector(manager, name);
      const connector = this.registry.get(instance.system);
      const settings = { ...instance.settings, ...given.settings };
      this.form.checkSettings(connector, settings);
      this.form.checkAddresses(connector, instance, settings, given.secrets ?? {});
      const secrets = { ...instance.secrets, ...this.form.seal(name, connector, given.secrets ?? {}) };
      const { sendsPeople = instance.sendsPeople, events = instance.events } = given;
      const changes = { settings, secrets, sendsPeople, events, ...limitsOf(given), updatedAt: new Date() };
      await manager.update(ConnectorInstance, { name }, changes);
      if (given.mapping !== undefined) {
        const mapping = checkedMapping(connector, given.mapping);
        const mappingVersion = 1 + (await manager.countBy(ConnectorMapping, { connector: name }));
        await addMapping(manager, name, mappingVersion, mapping);
        await manager.update(ConnectorInstance, { name }, { mappingVersion });
      }
      return { changed: Object.keys(given).toSorted().join(',') };
    });
    return this.get(name);
  }

  /**
   * Facts from now on are delivered. A backfill brings the customers that were there before it was enabled first. It
   * waits until every process writes facts down.
   * @throws DomainError connector_not_found, connector_settings_invalid if a secret is missing
   */
  async enable(name: string): Promise<ConnectorDto> {
    await this.consumers.untilKnown(CONNECTOR_FEED);
    await this.change('connector.enabled', name, async (manager) => {
      const { system, secrets, enabled, enabledAt } = await lockConnector(manager, name);
      const needed = this.secretNames(system, ({ isOptional }) => !isOptional);
      const missing = needed.filter((secret) => secrets[secret] === undefined);
      if (missing.length > 0)
        throw new DomainError('connector_settings_invalid', `Secrets are missing: ${missing.join(', ')}`);
      if (enabled) return {};
      const since = enabledAt ?? new Date();
      const changes = { ...CLOSED_CIRCUIT, enabled: true, enabledAt: since };
      await manager.update(ConnectorInstance, { name }, changes);
      return {};
    });
    return this.get(name);
  }

  /** What is queued waits; facts that happen while it is disabled are kept as deliveries that an operator can queue. */
  async disable(name: string): Promise<ConnectorDto> {
    await this.change('connector.disabled', name, async (manager) => {
      await lockConnector(manager, name);
      await manager.update(ConnectorInstance, { name }, { enabled: false, updatedAt: new Date() });
      return {};
    });
    return this.get(name);
  }

  /** Ends a pause, so that deliveries are tried at once, except those with an unknown outcome, which are searched later. */
  async resume(name: string): Promise<ConnectorDto> {
    await this.change('connector.resumed', name, async (manager) => {
      const { fault } = await lockConnector(manager, name);
      await manager.update(ConnectorInstance, { name }, CLOSED_CIRCUIT);
      await makeDue(manager, name);
      return { fault };
    });
    return this.get(name);
  }

  private secretNames(system: string, isWanted: (secret: SecretField) => boolean = () => true): string[] {
    const secrets = this.registry.systems.get(system)?.describe().secrets ?? [];
    return secrets.filter(isWanted).map(({ name }) => name);
  }

  /** @param work returns details for the audit */
  private async change(
    action: string,
    name: string,
    work: (manager: EntityManager) => Promise<Record<string, string | null>>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const details = await work(manager);
      await this.facts.record(manager, new OperatorActed(action, { type: 'connector', id: name }, details));
    });
  }
}

/** With another cap, what waits for the next day is looked at again. */
function limitsOf({ maxPerDay, requestsPerSecond }: EditConnectorDto): Partial<ConnectorInstance> {
  const cap = maxPerDay === undefined ? {} : { maxPerDay, cappedUntil: null, backfillsCappedUntil: null };
  return requestsPerSecond === undefined ? cap : { ...cap, requestsPerSecond };
}

function checkedMapping(connector: Connector, given: Record<string, unknown>): Mapping {
  const problems = problemsOf(given, connector.readBack !== undefined);
  if (problems.length > 0) throw new DomainError('mapping_invalid', 'The mapping is not valid', problems);
  return given as Mapping;
}

async function addMapping(
  manager: EntityManager,
  connector: string,
  version: number,
  fields: Mapping,
): Promise<void> {
  const createdBy = currentCause().caller?.name ?? null;
  await manager.insert(ConnectorMapping, { connector, version, fields, createdBy, createdAt: new Date() });
}

function toSystem(system: string, connector: Connector): SystemDto {
  const { family, title, capabilities, settings, secrets, mapping } = connector.describe();
  const fields = [
    ...settings.map(({ name, label, kind, default: usual = null, choices = null }) => {
      return { name, label, kind, default: usual, choices: choices && [...choices] };
    }),
    ...secrets.map(({ name, label, isOptional }) => ({
      name,
      label,
      kind: 'secret' as const,
      default: isOptional ? '' : null,
      choices: null,
    })),
  ];
  return { system, family, title, capabilities: [...capabilities], fields, mapping };
}

function byTitle(one: SystemDto, other: SystemDto): number {
  return one.title.localeCompare(other.title, 'en');
}

import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { startReading } from '../../integrations/outbox/outbox-relay.service.js';
import { OutboxSwitch } from '../../integrations/outbox/outbox-switch.service.js';
import { currentCause } from '../../platform/cause.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { Automation } from '../definitions/automation.entity.js';
import { AutomationVersion } from '../definitions/automation-version.entity.js';
import type { Definition } from '../definitions/definition.js';
import { defineReadyMade, READY_MADE } from '../definitions/ready-made.js';
import { AUTOMATION_FEED } from '../starting/automation-feed.consumer.js';
import { restartCrossings } from '../starting/crossings.queries.js';
import type {
  AutomationDto,
  AutomationVersionDto,
  CreateAutomationDto,
  ReadyMadeDto,
} from './automation.dto.js';
import { findAutomations } from './automations.queries.js';
import { DefinitionChecks } from './definition-checks.service.js';

/** The relay looks at all enabled automations for each fact, so their number is limited. */
const AUTOMATIONS_MAX = 200;

/** Creates, edits, enables and disables automations. Each act is audited. */
@Injectable()
export class Automations {
  constructor(
    private readonly checks: DefinitionChecks,
    private readonly consumers: OutboxSwitch,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  list(): Promise<AutomationDto[]> {
    return findAutomations(this.dataSource.manager, null);
  }

  /** @throws DomainError automation_not_found */
  async get(name: string): Promise<AutomationDto> {
    const [found] = await findAutomations(this.dataSource.manager, name);
    if (!found) throw notFound(name);
    return found;
  }

  readyMade(): ReadyMadeDto[] {
    return READY_MADE.map(({ name, summary, parameters }) => {
      const shown = parameters.map(({ default: usual, ...parameter }) => {
        return { ...parameter, default: usual === undefined ? null : String(usual) };
      });
      return { name, summary, parameters: shown };
    });
  }

  /** The definition of an automation, or a given one. @throws DomainError automation_not_found, automation_invalid */
  async definitionOf({ name, definition }: { name?: string; definition?: object }): Promise<Definition> {
    if ((name === undefined) === (definition === undefined))
      throw new DomainError('automation_invalid', 'Give either the name of an automation or a definition');
    const json = name === undefined ? definition : (await this.get(name)).definition;
    return this.checks.check(this.dataSource.manager, json);
  }

  /** Newest first. @throws DomainError automation_not_found */
  async versions(name: string): Promise<AutomationVersionDto[]> {
    const { manager } = this.dataSource;
    const versions = await manager.find(AutomationVersion, {
      where: { automation: name },
      order: { version: 'DESC' },
    });
    if (versions.length === 0) throw notFound(name);
    return versions.map(({ automation: _automation, ...version }) => version);
  }

  /** @throws DomainError automation_invalid, automation_exists, too_many_automations */
  async create({ name, definition, readyMade, parameters }: CreateAutomationDto): Promise<AutomationDto> {
    if ((definition === undefined) === (readyMade === undefined))
      throw new DomainError('automation_invalid', 'Give either a definition or a ready-made automation');
    if (parameters !== undefined && readyMade === undefined)
      throw new DomainError('automation_invalid', 'Only ready-made automations have parameters');
    const json = readyMade === undefined ? definition : defineReadyMade(readyMade, parameters ?? {});
    await this.change('automation.created', name, async (manager) => {
      const checked = await this.checks.check(manager, json);
      if (await manager.existsBy(Automation, { name }))
        throw new DomainError('automation_exists', `There is an automation ${name}`);
      if ((await manager.count(Automation)) >= AUTOMATIONS_MAX)
        throw new DomainError(
          'too_many_automations',
          `There are ${AUTOMATIONS_MAX} automations, the most allowed`,
        );
      const now = new Date();
      const off = { enabled: false, enabledAt: null, overdueUntil: null };
      await manager.insert(Automation, { name, version: 1, ...off, createdAt: now, updatedAt: now });
      await addVersion(manager, name, 1, checked);
      return { readyMade: readyMade ?? null };
    });
    return this.get(name);
  }

  /**
   * A new definition is a new version, by which runs go that start from now on. One that changes nothing is not saved. A
   * new trigger starts runs by what happens from now on.
   * @throws DomainError automation_not_found, automation_invalid
   */
  async edit(name: string, json: unknown): Promise<AutomationDto> {
    await this.change('automation.edited', name, async (manager) => {
      const automation = await locked(manager, name);
      const checked = await this.checks.check(manager, json);
      const present = { automation: name, version: automation.version };
      const { definition } = await manager.findOneByOrFail(AutomationVersion, present);
      if (isDeepStrictEqual(definition, checked)) return null;
      const version = automation.version + 1;
      await addVersion(manager, name, version, checked);
      const now = new Date();
      await manager.update(Automation, { name }, { version, updatedAt: now });
      if (automation.enabled && !isDeepStrictEqual(definition.when, checked.when)) {
        await restartCrossings(manager, name, checked.when);
        await manager.update(Automation, { name }, { overdueUntil: now });
      }
      return { version: String(version) };
    });
    return this.get(name);
  }

  /**
   * Facts from now on start runs, and runs that waited for it go on. With the first one, it takes two seconds until all
   * processes write facts down.
   * @throws DomainError automation_not_found, automation_invalid
   */
  async enable(name: string): Promise<AutomationDto> {
    await this.change('automation.enabled', name, async (manager) => {
      const { enabled, version } = await locked(manager, name);
      if (enabled) return null;
      const { definition } = await manager.findOneByOrFail(AutomationVersion, { automation: name, version });
      const { when } = await this.checks.check(manager, definition);
      if (!(await manager.existsBy(Automation, { enabled: true })))
        await startReading(manager, AUTOMATION_FEED);
      await restartCrossings(manager, name, when);
      const now = new Date();
      const on = { enabled: true, enabledAt: now, overdueUntil: now, updatedAt: now };
      await manager.update(Automation, { name }, on);
      return {};
    });
    await this.consumers.refresh();
    await this.consumers.untilKnown(AUTOMATION_FEED);
    return this.get(name);
  }

  /** No run starts, and those under way wait. @throws DomainError automation_not_found */
  async disable(name: string): Promise<AutomationDto> {
    await this.change('automation.disabled', name, async (manager) => {
      const { enabled } = await locked(manager, name);
      if (!enabled) return null;
      await manager.update(Automation, { name }, { enabled: false, updatedAt: new Date() });
      return {};
    });
    await this.consumers.refresh();
    return this.get(name);
  }

  /** @param work returns details for the audit; null if nothing was changed */
  private async change(
    action: string,
    name: string,
    work: (manager: EntityManager) => Promise<Record<string, string | null> | null>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      const details = await work(manager);
      if (details)
        await this.facts.record(
          manager,
          new OperatorActed(action, { type: 'automation', id: name }, details),
        );
    });
  }
}

async function locked(manager: EntityManager, name: string): Promise<Automation> {
  const lock = { mode: 'pessimistic_write' } as const;
  const automation = await manager.findOne(Automation, { where: { name }, lock });
  if (!automation) throw notFound(name);
  return automation;
}

function notFound(name: string): DomainError {
  return new DomainError('automation_not_found', `No automation ${name}`);
}

async function addVersion(
  manager: EntityManager,
  automation: string,
  version: number,
  definition: Definition,
): Promise<void> {
  const createdBy = currentCause().caller?.name ?? null;
  await manager.insert(AutomationVersion, {
    automation,
    version,
    definition: definition as never,
    createdBy,
    createdAt: new Date(),
  });
}

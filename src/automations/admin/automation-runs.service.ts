import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { Clock } from '../../platform/clock.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { findPage } from '../../platform/http/page.dto.js';
import { CustomerRules } from '../../segments/memberships/customer-rules.service.js';
import { Automation } from '../definitions/automation.entity.js';
import { AutomationRun } from '../running/automation-run.entity.js';
import { AutomationStep } from '../running/automation-step.entity.js';
import { findActive } from '../starting/active-automations.queries.js';
import { type ActiveAutomation, findStartable, startRuns } from '../starting/start-runs.js';
import type { RunDto, RunPageDto, RunsQuery, RunWithStepsDto } from './automation.dto.js';

/** Shows the runs of automations, starts, cancels and retries them. */
@Injectable()
export class AutomationRuns {
  constructor(
    private readonly rules: CustomerRules,
    private readonly facts: Facts,
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** Newest first. @throws DomainError automation_not_found */
  async list(name: string, query: RunsQuery): Promise<RunPageDto> {
    const { manager } = this.dataSource;
    if (!(await manager.existsBy(Automation, { name })))
      throw new DomainError('automation_not_found', `No automation ${name}`);
    const { state, stripeCustomerId } = query;
    const { items, nextCursor } = await findPage(manager.getRepository(AutomationRun), query, {
      automation: name,
      ...(state ? { state } : {}),
      ...(stripeCustomerId ? { customerId: In(await customersOf(manager, stripeCustomerId)) } : {}),
    });
    return { items: items.map(toDto), nextCursor };
  }

  /** @throws DomainError run_not_found */
  async get(id: string): Promise<RunWithStepsDto> {
    const { manager } = this.dataSource;
    const run = await manager.findOneBy(AutomationRun, { id });
    if (!run) throw new DomainError('run_not_found', `No run ${id}`);
    const steps = await manager.find(AutomationStep, { where: { runId: id }, order: { step: 'ASC' } });
    return { ...toDto(run), steps: steps.map(({ id: _id, runId: _runId, ...step }) => step) };
  }

  /**
   * Starts a run for a customer of an automation with any trigger. The `if` of the automation applies; an imported
   * customer starts as well.
   * @throws DomainError automation_disabled, customer_not_found, customer_not_eligible, run_exists if customers pass through once
   */
  async start(name: string, stripeCustomerId: string): Promise<RunWithStepsDto> {
    const runId = await inTransaction(this.dataSource, async (manager) => {
      const automation = (await findActive(manager)).find((one) => one.name === name);
      if (!automation) throw await notActive(manager, name);
      const [id] = await customersOf(manager, stripeCustomerId);
      if (!id) throw new DomainError('customer_not_found', `No customer ${stripeCustomerId}`);
      const start = { customerId: id, occurrence: `manual ${uuidv7()}` };
      const manual = { ...automation, definition: { ...automation.definition, includeImported: true } };
      const [started] = await startRuns(manager, this.rules, manual, [start], this.clock.now());
      if (!started) throw await this.notStarted(manager, manual, id);
      await this.record(manager, 'automation.started', name, { stripeCustomerId });
      return started;
    });
    return this.get(runId);
  }

  /** A customer who passes has no new run only because it passed through before. */
  private async notStarted(
    manager: EntityManager,
    { definition }: ActiveAutomation,
    customerId: string,
  ): Promise<DomainError> {
    const { passing } = await findStartable(manager, this.rules, definition, [customerId], this.clock.now());
    return definition.once && passing.has(customerId)
      ? new DomainError(
          'run_exists',
          'The customer has passed through the automation, which is possible once',
        )
      : new DomainError(
          'customer_not_eligible',
          'The customer is deleted, or the rule of the automation is false for it',
        );
  }

  /** The customer leaves the automation. What it has caused stays. @throws DomainError run_not_found, run_ended */
  async cancel(id: string): Promise<RunWithStepsDto> {
    await inTransaction(this.dataSource, async (manager) => {
      const run = await lockedRun(manager, id);
      if (run.dueAt === null) throw new DomainError('run_ended', `Run ${id} is ${run.state}`);
      const now = this.clock.now();
      const stopped = { state: 'stopped', reason: 'operator', dueAt: null, waitsUntil: null } as const;
      await manager.update(AutomationRun, { id }, { ...stopped, updatedAt: now, endedAt: now });
      await this.record(manager, 'automation.run_cancelled', run.automation, { runId: id });
    });
    return this.get(id);
  }

  /**
   * A run that has failed goes on at its step, with all attempts. One that failed before its first step has not been asked
   * `if`, and can only be started again.
   * @throws DomainError run_not_found, run_not_retryable
   */
  async retry(id: string): Promise<RunWithStepsDto> {
    await inTransaction(this.dataSource, async (manager) => {
      const run = await lockedRun(manager, id);
      if (run.state !== 'failed') throw new DomainError('run_not_retryable', `Run ${id} is ${run.state}`);
      if (run.endedAt?.getTime() === run.createdAt.getTime())
        throw new DomainError('run_not_retryable', `Run ${id} failed before its first step; start it again`);
      const now = this.clock.now();
      const running = { state: 'running', reason: null, dueAt: now, attempts: 0, endedAt: null } as const;
      await manager.update(AutomationRun, { id }, { ...running, updatedAt: now });
      await this.record(manager, 'automation.run_retried', run.automation, { runId: id });
    });
    return this.get(id);
  }

  private async record(
    manager: EntityManager,
    action: string,
    automation: string,
    details: Record<string, string>,
  ): Promise<void> {
    const object = { type: 'automation', id: automation };
    await this.facts.record(manager, new OperatorActed(action, object, details));
  }
}

async function lockedRun(manager: EntityManager, id: string): Promise<AutomationRun> {
  const lock = { mode: 'pessimistic_write' } as const;
  const run = await manager.findOne(AutomationRun, { where: { id }, lock });
  if (!run) throw new DomainError('run_not_found', `No run ${id}`);
  return run;
}

async function customersOf(manager: EntityManager, stripeCustomerId: string): Promise<string[]> {
  const rows = await manager.query<{ id: string }[]>(
    'select id from customers where stripe_customer_id = $1 order by id desc',
    [stripeCustomerId],
  );
  return rows.map(({ id }) => id);
}

async function notActive(manager: EntityManager, name: string): Promise<DomainError> {
  return (await manager.existsBy(Automation, { name }))
    ? new DomainError('automation_disabled', `The automation ${name} is disabled`)
    : new DomainError('automation_not_found', `No automation ${name}`);
}

function toDto(run: AutomationRun): RunDto {
  const { id, automation, version, customerId, occurrence, state, reason, step } = run;
  const { dueAt, waitsUntil, createdAt, endedAt } = run;
  const known = { id, automation, version, customerId, occurrence, state, reason, step };
  return { ...known, dueAt, waitsUntil, createdAt, endedAt };
}

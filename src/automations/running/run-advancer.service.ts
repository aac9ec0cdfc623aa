import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import type { Evaluation } from '../../segments/rules/evaluate-rule.js';
import { CustomerRules, RuleBroken } from '../../segments/memberships/customer-rules.service.js';
import { kindOf, type WaitStep } from '../definitions/definition.js';
import { type ActionContext, Actions } from './actions.service.js';
import { AutomationRun } from './automation-run.entity.js';
import { AutomationStep } from './automation-step.entity.js';
import { ended, failed, type NextState, stepEnded, stopped } from './next-state.js';
import { type DueRun, postpone, takeDueRun } from './runs.queries.js';
import { waitFor, waitUntil } from './wait.js';

/** Takes runs through their steps: one step in a transaction, with its effect and its record. */
@Injectable()
export class RunAdvancer {
  private readonly logger = new Logger('automations');

  constructor(
    private readonly rules: CustomerRules,
    private readonly actions: Actions,
    private readonly writer: UnitOfWorkWriter,
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @returns whether a run was due */
  async advanceNext(): Promise<boolean> {
    const taken: { run: DueRun | null } = { run: null };
    try {
      return await inTransaction(this.dataSource, async (manager) => {
        taken.run = await takeDueRun(manager, this.clock.now());
        if (taken.run) await this.advance(taken.run, manager);
        return taken.run !== null;
      });
    } catch (error) {
      const { run } = taken;
      if (!run) throw error;
      this.logger.error({ event: 'step of an automation failed', runId: run.id, error });
      await postpone(this.dataSource.manager, run, this.clock.now());
      return true;
    }
  }

  private async advance(run: DueRun, manager: EntityManager): Promise<void> {
    const now = this.clock.now();
    const unit = new UnitOfWork();
    const next = await this.nextState(run, { manager, unit, now });
    const isLast = next.state === 'running' && next.step === run.definition.steps.length;
    const { outcome, effectId = null, ...changes } = isLast ? { ...next, ...ended(next) } : next;
    const step = run.definition.steps[run.step];
    if (outcome && step) {
      const record = { id: uuidv7(), runId: run.id, step: run.step, kind: kindOf(step) };
      unit.insert(AutomationStep, { ...record, outcome, effectId, endedAt: now });
    }
    const endedAt = changes.dueAt === null ? now : null;
    unit.update(AutomationRun, { id: run.id }, { ...changes, attempts: 0, updatedAt: now, endedAt });
    await this.writer.write(manager, [unit]);
  }

  private async nextState(run: DueRun, context: StepContext): Promise<NextState> {
    if (run.isErased) return stopped(run, 'person_erased');
    if (run.isDeleted) return stopped(run, 'customer_deleted');
    try {
      const { stopIf, steps } = run.definition;
      if (stopIf && (await this.decide(stopIf, run, context)).isTrue) return stopped(run, 'stop_if');
      const step = steps[run.step];
      if (!step) return ended(run);
      if ('wait' in step) return await this.wait(step, run, context);
      return stepEnded(run, context.now, this.actions.take(step, run, context));
    } catch (error) {
      if (!(error instanceof RuleBroken)) throw error;
      return failed(run, 'rule_broken');
    }
  }

  private async wait({ wait }: WaitStep, run: DueRun, context: StepContext): Promise<NextState> {
    const { now } = context;
    if (!('until' in wait)) return waitFor(wait, run, now);
    const rule = await this.decide(wait.until, run, context);
    return waitUntil(wait, rule, run, now);
  }

  private async decide(
    rule: unknown,
    { customerId }: DueRun,
    { manager, now }: StepContext,
  ): Promise<Evaluation> {
    const decided = await this.rules.decide(manager, rule, [customerId], now);
    return decided.get(customerId) ?? { isTrue: false, flipsAt: null };
  }
}

/** What a step works with. */
interface StepContext extends ActionContext {
  manager: EntityManager;
}

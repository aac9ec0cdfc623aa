import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { CustomerRules } from '../../segments/memberships/customer-rules.service.js';
import type { MilestoneOverdueTrigger } from '../definitions/definition.js';
import { findActiveNames, lockActive } from './active-automations.queries.js';
import { noteCrossings } from './crossings.queries.js';
import { findOverdue } from './overdue.queries.js';
import { type Start, startRuns } from './start-runs.js';

const HOUR_MS = 3_600_000;

/** Customers of transactions that are still open are seen by the next look. */
const OPEN_MS = 60_000;

/** Starts what no fact starts: milestones that are overdue, and scores that passed a value. Scores are made at :07. */
@Injectable()
@JobHandler('start-due-automations')
export class StartDueAutomationsJob implements ScheduledJob {
  readonly schedule = { cron: '22 * * * *', catchUpMs: HOUR_MS };
  private readonly logger = new Logger('automations');

  constructor(
    private readonly rules: CustomerRules,
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws the last error, so that the job runs again; an automation that fails does not stop the others */
  async run(): Promise<void> {
    const names = await findActiveNames(this.dataSource.manager, ['milestone_overdue', 'prediction']);
    let failure: unknown;
    for (const automation of names) {
      try {
        await inTransaction(this.dataSource, (manager) => this.startAll(manager, automation));
      } catch (error) {
        this.logger.error({ event: 'automation not started', automation, error });
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** What was noticed and what it starts are committed together. */
  private async startAll(manager: EntityManager, name: string): Promise<void> {
    const automation = await lockActive(manager, name);
    if (!automation) return;
    const now = this.clock.now();
    const { definition, overdueUntil } = automation;
    const start = (starts: Start[]) => startRuns(manager, this.rules, automation, starts, now);
    if (definition.when.type === 'prediction')
      for await (const starts of noteCrossings(manager, name, definition.when, now)) await start(starts);
    if (definition.when.type === 'milestone_overdue') {
      const period = { after: overdueUntil, until: new Date(now.getTime() - OPEN_MS) };
      await start(await takeOverdue(manager, name, definition.when, period));
    }
  }
}

/** Moves the automation to the end of the period. @returns what became overdue in it */
async function takeOverdue(
  manager: EntityManager,
  name: string,
  trigger: MilestoneOverdueTrigger,
  period: { after: Date; until: Date },
): Promise<Start[]> {
  if (period.until <= period.after) return [];
  const overdue = await findOverdue(manager, trigger, period);
  await manager.query('update automations set overdue_until = $2 where name = $1', [name, period.until]);
  return overdue.map(({ customerId, at }) => ({ customerId, occurrence: `overdue ${at.toISOString()}` }));
}

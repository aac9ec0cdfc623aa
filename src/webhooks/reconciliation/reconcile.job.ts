import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { JobPayloads } from '../../events/job-tasks.js';
import { withConnection } from '../../platform/database/pg-client.js';
import { type JobContext, JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Reconciler } from './reconciler.service.js';

/** The longest time per run of the job, so that it does not delay a stopping worker. */
const RUN_MS = 5000;
/** A reconciliation without progress in this many attempts (over an hour) has failed. */
const ATTEMPTS_MAX = 9;

/** Runs reconciliations, some pages at a time. */
@Injectable()
@JobHandler('reconcile')
export class ReconcileJob implements JobRun<'reconcile'> {
  private readonly logger = new Logger('reconciliation');

  constructor(
    private readonly reconciler: Reconciler,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(payloads: readonly JobPayloads['reconcile'][], { attempt }: JobContext): Promise<void> {
    for (const { reconciliationId } of payloads) {
      try {
        await this.goOn(reconciliationId);
      } catch (error) {
        if (attempt < ATTEMPTS_MAX) throw error;
        this.logger.error({ event: 'reconciliation given up', reconciliationId, error });
        await this.reconciler.end(reconciliationId, 'failed', 'given_up');
      }
    }
  }

  private async goOn(reconciliationId: string): Promise<void> {
    const until = performance.now() + RUN_MS;
    const isStopped = () => performance.now() >= until;
    const run = await this.reconciler.run(reconciliationId, { isStopped });
    const { status, reason, counts } = run;
    if (status === 'running') return isStopped() ? this.continueLater(reconciliationId) : undefined;
    this.logger.log({ event: 'reconciliation ended', reconciliationId, status, reason, counts });
  }

  private async continueLater(reconciliationId: string): Promise<void> {
    const unit = new UnitOfWork();
    unit.enqueue('reconcile', { reconciliationId });
    await withConnection(this.dataSource, (manager) => this.writer.commit(manager, [unit]));
  }
}

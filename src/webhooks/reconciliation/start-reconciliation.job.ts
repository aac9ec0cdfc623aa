import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { ReconciliationsService } from './reconciliations.service.js';

/**
 * What Stripe created within the last hour is left to its webhooks: a customer that a reconciliation is
 * faster to find would not be welcomed (`RECONCILE_NOTIFY=none`).
 */
const GRACE_MS = 3_600_000;

/** Starts the comparison that `RECONCILE_SCHEDULE` asks for: everything that Stripe has. */
@Injectable()
@JobHandler('start-reconciliation')
export class StartReconciliationJob implements JobRun<'start-reconciliation'> {
  private readonly logger = new Logger('reconciliation');

  constructor(
    private readonly config: AppConfig,
    private readonly reconciliations: ReconciliationsService,
  ) {}

  async run(): Promise<void> {
    const { notify } = this.config.reconciliation;
    const until = new Date(Date.now() - GRACE_MS);
    try {
      await this.reconciliations.start({ since: null, until, notify, dryRun: false }, 'schedule');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.logger.warn({ event: 'reconciliation not started', code: error.code });
    }
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { StripeSettings } from '../../platform/stripe/stripe.settings.js';
import { ReconciliationSettings } from '../webhooks.settings.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { JobHandler, type Schedule, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { ReconciliationsService } from './reconciliations.service.js';

/**
 * Objects of the last hour are left to the webhooks. A customer that a reconciliation found first would get
 * no welcome message (`RECONCILE_NOTIFY=none`).
 */
const GRACE_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Starts the comparison with all of Stripe's data at the times of `RECONCILE_SCHEDULE`. */
@Injectable()
@JobHandler('start-reconciliation')
export class StartReconciliationJob implements ScheduledJob {
  private readonly logger = new Logger('reconciliation');

  constructor(
    private readonly settings: ReconciliationSettings,
    private readonly stripe: StripeSettings,
    private readonly reconciliations: ReconciliationsService,
  ) {}

  /**
   * A comparison that was missed during a downtime runs afterwards, when it is needed most. Null without a
   * Stripe key.
   */
  get schedule(): Schedule | null {
    const { schedule: cron } = this.settings;
    return cron && this.stripe.secretKey ? { cron, catchUpMs: DAY_MS } : null;
  }

  async run(): Promise<void> {
    const { notifies: notify } = this.settings;
    const until = new Date(Date.now() - GRACE_MS);
    try {
      await this.reconciliations.start({ since: null, until, notify, dryRun: false }, 'schedule');
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.logger.warn({ event: 'reconciliation not started', code: error.code });
    }
  }
}

import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import Stripe from 'stripe';
import { Repository } from 'typeorm';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import type { Finding, WatchdogCheck } from './watchdog-check.js';
import { WatchdogFinding } from './watchdog-finding.entity.js';

/** The injection token of the list of all checks. */
export const WATCHDOG_CHECKS = Symbol('watchdog checks');

/** The number of consecutive runs that may fail to reach Stripe before the state is a warning. */
const FAILED_RUNS_MAX = 2;

/** Runs the checks of the watchdog and stores the finding of each. Changes are logged. */
@Injectable()
@JobHandler('run-watchdog')
export class RunWatchdogJob implements ScheduledJob {
  readonly schedule = { cron: '*/5 * * * *' };
  private readonly logger = new Logger('watchdog');

  constructor(
    @Inject(WATCHDOG_CHECKS) private readonly checks: readonly WatchdogCheck[],
    @InjectRepository(WatchdogFinding) private readonly findings: Repository<WatchdogFinding>,
  ) {}

  async run(): Promise<void> {
    const before = new Map((await this.findings.find()).map((finding) => [finding.name, finding]));
    for (const check of this.checks) await this.record(check, before.get(check.name));
  }

  private async record(check: WatchdogCheck, before: WatchdogFinding | undefined): Promise<void> {
    const { failedRuns, ...finding } = await look(check, before?.failedRuns ?? 0);
    const hasChanged = finding.state !== before?.state;
    const checkedAt = new Date();
    const since = hasChanged ? checkedAt : before.since;
    await this.findings.upsert({ name: check.name, ...finding, failedRuns, checkedAt, since }, ['name']);
    if (!hasChanged) return;
    const fields = { event: 'watchdog check changed', check: check.name, ...finding };
    if (finding.state === 'warning') this.logger.warn(fields);
    else this.logger.log(fields);
  }
}

/** Runs one check. A missing permission gives `unknown`. Repeated failures to reach Stripe give a warning. */
async function look(check: WatchdogCheck, failedRuns: number): Promise<Finding & { failedRuns: number }> {
  try {
    return { ...(await check.look()), failedRuns: 0 };
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    if (error instanceof Stripe.errors.StripePermissionError)
      return { state: 'unknown', detail: 'The key has no permission to look', failedRuns: 0 };
    const state = failedRuns < FAILED_RUNS_MAX ? 'unknown' : 'warning';
    const status = error.statusCode ? `status ${error.statusCode}` : 'no connection or no answer in time';
    return { state, detail: `Stripe cannot be asked: ${status}`, failedRuns: failedRuns + 1 };
  }
}

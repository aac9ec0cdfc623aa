import { Injectable } from '@nestjs/common';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { BehaviourMonths } from './behaviour-months.service.js';

const DAY_MS = 86_400_000;

/** Makes the coming months of the stream, and drops those older than `BEHAVIOUR_RETENTION_DAYS`. */
@Injectable()
@JobHandler('keep-behaviour-months')
export class KeepBehaviourMonthsJob implements ScheduledJob {
  readonly schedule = { cron: '37 2 * * *', catchUpMs: DAY_MS };

  constructor(private readonly months: BehaviourMonths) {}

  async run(): Promise<void> {
    await this.months.makeAhead();
    await this.months.dropExpired();
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PREDICTION_TARGETS } from '../../events/prediction-targets.js';
import { Clock } from '../../platform/clock.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { PredictionsSettings } from '../predictions.settings.js';
import { TARGETS } from '../targets/targets.js';
import { Scoring } from './scoring.service.js';
import { settleOutcomes } from './settle-outcomes.js';

const HOUR_MS = 3_600_000;

/** Scores the customers that changed, and settles earlier scores, every hour. */
@Injectable()
@JobHandler('score-customers')
export class ScoreCustomersJob implements ScheduledJob {
  readonly schedule;
  private readonly logger = new Logger('predictions');

  constructor(
    private readonly scoring: Scoring,
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
    settings: PredictionsSettings,
  ) {
    this.schedule = settings.enabled ? { cron: '7 * * * *', catchUpMs: HOUR_MS } : null;
  }

  /** @throws the last error, so that the job runs again; a target that fails does not stop the others */
  async run(): Promise<void> {
    let failure: unknown;
    for (const target of PREDICTION_TARGETS) {
      try {
        await this.scoring.score(target);
        await settleOutcomes(this.dataSource.manager, TARGETS[target], this.clock.now());
      } catch (error) {
        this.logger.error({ event: 'customers not scored', target, error });
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}

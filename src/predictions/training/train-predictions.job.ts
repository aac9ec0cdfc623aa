import { Injectable, Logger } from '@nestjs/common';
import { PREDICTION_TARGETS } from '../../events/prediction-targets.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { PredictionsSettings } from '../predictions.settings.js';
import { Training } from './training.service.js';

const DAY_MS = 86_400_000;

/** Trains a model of each target, every night. A target that fails does not stop the others. */
@Injectable()
@JobHandler('train-predictions')
export class TrainPredictionsJob implements ScheduledJob {
  readonly schedule;
  private readonly logger = new Logger('predictions');

  constructor(
    private readonly training: Training,
    settings: PredictionsSettings,
  ) {
    this.schedule = settings.enabled ? { cron: '12 2 * * *', catchUpMs: DAY_MS } : null;
  }

  /** @throws the last error, so that the job runs again */
  async run(): Promise<void> {
    let failure: unknown;
    for (const target of PREDICTION_TARGETS) {
      try {
        await this.training.train(target, null);
      } catch (error) {
        this.logger.error({ event: 'model not trained', target, error });
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}

import { Injectable } from '@nestjs/common';
import type { JobPayloads } from '../../events/job-tasks.js';
import { JobHandler, type JobRun } from '../../platform/jobs/job-handler.js';
import { Training } from './training.service.js';

/** Trains a model that an operator asked for. */
@Injectable()
@JobHandler('train-prediction')
export class TrainPredictionJob implements JobRun<'train-prediction'> {
  constructor(private readonly training: Training) {}

  async run(payloads: readonly JobPayloads['train-prediction'][]): Promise<void> {
    for (const { target, by } of payloads) await this.training.train(target, by);
  }
}

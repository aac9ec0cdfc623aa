import { Module } from '@nestjs/common';
import { AnalysisModule } from '../../platform/analysis/analysis.module.js';
import { CheckSampleRatiosJob } from './check-sample-ratios.job.js';
import { CountExperimentsJob } from './count-experiments.job.js';
import { ExperimentResultsController } from './experiment-results.controller.js';
import { ExperimentResults } from './experiment-results.service.js';

/** What the arms of experiments have done. */
@Module({
  imports: [AnalysisModule],
  controllers: [ExperimentResultsController],
  providers: [ExperimentResults, CountExperimentsJob, CheckSampleRatiosJob],
})
export class ResultsModule {}

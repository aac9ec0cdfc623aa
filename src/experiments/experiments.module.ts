import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CustomersModule } from '../customers/customers.module.js';
import { SegmentsModule } from '../segments/segments.module.js';
import { ExperimentsController } from './admin/experiments.controller.js';
import { Experiments } from './admin/experiments.service.js';
import { GoalLimits } from './admin/goal-limits.service.js';
import { ExperimentUnit } from './assignment/experiment-unit.entity.js';
import { ExperimentsListener } from './assignment/experiments.listener.js';
import { KnownArms } from './assignment/known-arms.service.js';
import { PurgeExperimentUnitsJob } from './assignment/purge-experiment-units.job.js';
import { ExperimentDefinitions } from './definitions/experiment-definitions.service.js';
import { ExperimentGauges } from './definitions/experiment-gauges.service.js';
import { ExperimentPhase } from './definitions/experiment-phase.entity.js';
import { ExperimentRevision } from './definitions/experiment-revision.entity.js';
import { Experiment } from './definitions/experiment.entity.js';
import { ResultsModule } from './results/results.module.js';
import { UserExperimentsController } from './users/user-experiments.controller.js';
import { UserExperiments } from './users/user-experiments.service.js';

/** A/B tests. Their arms are assigned in the transaction that creates a customer. */
@Module({
  imports: [
    CustomersModule,
    SegmentsModule,
    ResultsModule,
    TypeOrmModule.forFeature([Experiment, ExperimentPhase, ExperimentRevision, ExperimentUnit]),
  ],
  controllers: [ExperimentsController, UserExperimentsController],
  providers: [
    ExperimentDefinitions,
    ExperimentGauges,
    KnownArms,
    ExperimentsListener,
    Experiments,
    GoalLimits,
    UserExperiments,
    PurgeExperimentUnitsJob,
  ],
  exports: [KnownArms, ExperimentDefinitions],
})
export class ExperimentsModule {}

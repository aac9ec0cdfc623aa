import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { FollowedDefinitions } from '../../platform/definitions/followed-definitions.js';
import { Experiment } from './experiment.entity.js';
import { ExperimentPhase } from './experiment-phase.entity.js';
import { ExperimentRevision } from './experiment-revision.entity.js';
import { NO_EXPERIMENTS, startedExperiments, type StartedExperiments } from './started-experiments.js';

/** The experiments that have started, as this process knows them. */
@Injectable()
export class ExperimentDefinitions extends FollowedDefinitions<StartedExperiments> {
  constructor(@InjectDataSource() dataSource: DataSource) {
    super(dataSource, NO_EXPERIMENTS);
  }

  protected async readRevision(): Promise<number> {
    const [row] = await this.dataSource.manager.find(ExperimentRevision);
    return row?.revision ?? 0;
  }

  protected async readDefinitions(revision: number): Promise<StartedExperiments> {
    const { manager } = this.dataSource;
    const experiments = await manager.find(Experiment, { order: { id: 'ASC' } });
    const phases = await manager.find(ExperimentPhase, { order: { id: 'ASC' } });
    return startedExperiments(revision, experiments, phases);
  }
}

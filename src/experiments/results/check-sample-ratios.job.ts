import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, IsNull } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import { Experiment } from '../definitions/experiment.entity.js';
import { sampleRatio } from '../statistics/sample-ratio.js';
import { SampleRatioCheck } from './sample-ratio-check.entity.js';
import { countArms } from './units.queries.js';

const HOUR_MS = 3_600_000;

/**
 * Checks the present phases of running experiments: a mismatch means that units of an arm are lost or added, and that the
 * results are not to be trusted. It is logged, counted and raises an alert.
 */
@Injectable()
@JobHandler('check-sample-ratios')
export class CheckSampleRatiosJob implements ScheduledJob {
  readonly schedule = { cron: '37 * * * *', catchUpMs: HOUR_MS };
  private readonly logger = new Logger('experiments');

  constructor(
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    const { manager } = this.dataSource;
    const running = await manager.findBy(Experiment, { status: 'running' });
    const names = new Map(running.map(({ id, name }) => [id, name]));
    const open = await manager.findBy(ExperimentPhase, { endedAt: IsNull() });
    const phases = open.filter(({ experimentId }) => names.has(experimentId));
    const checkedAt = this.clock.now();
    const scope = { manager, phaseIds: phases.map(({ id }) => id), asOf: checkedAt };
    const counts = phases.length === 0 ? [] : await countArms(scope);
    let mismatches = 0;
    for (const { id, experimentId, number, arms } of phases) {
      const own = counts.filter(({ phaseId }) => phaseId === id);
      const counted = arms.map(({ key, weight }, index) => {
        return { arm: key, weight, units: own.find(({ armIndex }) => armIndex === index)?.units ?? 0 };
      });
      const ratio = sampleRatio(counted);
      if (ratio?.verdict !== 'alerts') continue;
      mismatches += 1;
      const event = 'units of an experiment are not spread as the weights say';
      this.logger.error({
        event,
        experiment: names.get(experimentId),
        phase: number,
        arms: counted,
        ...ratio,
      });
    }
    await manager.upsert(SampleRatioCheck, { id: 1, checkedAt, mismatches }, ['id']);
  }
}

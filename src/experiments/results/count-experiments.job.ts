import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Analysis } from '../../platform/analysis/analysis.service.js';
import { Clock } from '../../platform/clock.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { LAST_WINDOW_CLOSES_AT } from '../definitions/last-window.js';
import { countExperiment, findExperiment } from './count-experiment.js';
import { ExperimentCount } from './experiment-count.entity.js';

const HOUR_MS = 3_600_000;

/**
 * Counts experiments once an hour until the last window of a unit has closed, and keeps the counts. An experiment that
 * cannot be counted keeps its last counts, whose time is shown, and does not stop the others.
 */
@Injectable()
@JobHandler('count-experiments')
export class CountExperimentsJob implements ScheduledJob {
  readonly schedule = { cron: '47 * * * *', catchUpMs: HOUR_MS };
  private readonly logger = new Logger('experiments');

  constructor(
    private readonly clock: Clock,
    private readonly analysis: Analysis,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    const unfinished = await this.dataSource.query<{ name: string }[]>(UNFINISHED);
    for (const { name } of unfinished) await this.count(name);
  }

  private async count(name: string): Promise<void> {
    const asOf = this.clock.now();
    try {
      const kept = await this.analysis.read(async (manager) => {
        const defined = await findExperiment(manager, name);
        const counts = await countExperiment(manager, defined, asOf);
        return { experimentId: defined.experiment.id, asOf, counts };
      });
      await this.dataSource.manager.upsert(ExperimentCount, kept, ['experimentId']);
    } catch (error) {
      this.logger.error({ event: 'experiment not counted', experiment: name, error });
    }
  }
}

/** Those whose last count is older than the end of the longest window of their last unit. */
const UNFINISHED = `
  select name from experiments left join experiment_counts on experiment_id = id
  where status <> 'draft' and (stopped_at is null or as_of is null or as_of < ${LAST_WINDOW_CLOSES_AT})
  order by name`;

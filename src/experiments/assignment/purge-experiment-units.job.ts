import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ArmsRemoved } from '../../events/experiments/arms-removed.event.js';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { Clock } from '../../platform/clock.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';
import { LAST_WINDOW_CLOSES_AT } from '../definitions/last-window.js';
import { ExperimentsSettings } from '../experiments.settings.js';

const ROWS_PER_STATEMENT = 1000;
const DAY_MS = 86_400_000;

/**
 * Removes the arms of users whose experiments were all decided before `EXPERIMENT_UNIT_DAYS`, and were counted after their
 * last window had closed: these counts outlive the units.
 */
@Injectable()
@JobHandler('purge-experiment-units')
export class PurgeExperimentUnitsJob implements ScheduledJob {
  readonly schedule = { cron: '47 3 * * *', catchUpMs: DAY_MS };
  private readonly logger = new Logger('retention');

  constructor(
    private readonly settings: ExperimentsSettings,
    private readonly clock: Clock,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    const cutoff = new Date(this.clock.now().getTime() - this.settings.unitDays * DAY_MS);
    const phases = await this.dataSource.query<{ id: number }[]>(OLD_PHASES, [cutoff]);
    if (phases.length === 0) return;
    let purged = 0;
    let last = '';
    for (let userIds = [last]; userIds.length > 0; last = userIds.at(-1) ?? last) {
      userIds = await this.purgeSome(
        phases.map(({ id }) => id),
        last,
      );
      purged += userIds.length;
    }
    this.logger.log({ event: 'rows purged', table: 'experiment_units', purged });
  }

  /** @returns the users whose arms were removed, in the order of their ids */
  private purgeSome(phaseIds: readonly number[], after: string): Promise<string[]> {
    return inTransaction(this.dataSource, async (manager) => {
      const [rows] = await manager.query<[{ userId: string }[], number]>(PURGE, [
        phaseIds,
        after,
        ROWS_PER_STATEMENT,
      ]);
      const userIds = rows.map(({ userId }) => userId).toSorted();
      if (userIds.length === 0) return userIds;
      await this.facts.record(manager, new ArmsRemoved(userIds));
      const { unitDays: days } = this.settings;
      await this.facts.record(manager, new RowsPurged('experiment_units', userIds.length, { days }));
      return userIds;
    });
  }
}

const OLD_PHASES = `
  select phases.id
  from experiment_phases phases
  join experiments on experiments.id = phases.experiment_id
  join experiment_counts counts on counts.experiment_id = experiments.id
  where status = 'decided' and decided_at < $1 and as_of >= ${LAST_WINDOW_CLOSES_AT}`;

const PURGE = `
  delete from experiment_units where user_id in (
    select user_id from experiment_units where phase_ids <@ $1::integer[] and user_id collate "C" > $2
    order by user_id collate "C" limit $3
  )
  returning user_id as "userId"`;

import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { Clock } from '../clock.js';
import { AppConfig } from '../config/app-config.js';
import { inTransaction } from '../database/transaction.js';
import { smallestUuidOf } from '../database/uuid.js';
import { FactRecorder } from '../unit-of-work/fact-recorder.service.js';
import { JobHandler, type JobRun } from './job-handler.js';

const ROWS_PER_STATEMENT = 1000;
const DAY_MS = 86_400_000;

/** Removes the rows that are older than `RETENTION_DAYS` says, a thousand per statement: nobody waits for it. */
@Injectable()
@JobHandler('purge-expired-rows')
export class PurgeExpiredRowsJob implements JobRun<'purge-expired-rows'> {
  private readonly logger = new Logger('retention');

  constructor(
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly facts: FactRecorder,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    for (const [table, days] of Object.entries(this.config.retentionDays)) {
      const cutoff = new Date(this.clock.now().getTime() - days * DAY_MS);
      const id = smallestUuidOf(cutoff);
      let purged = 0;
      let count: number;
      do {
        count = await this.purgeSome(table, id, days);
        purged += count;
      } while (count === ROWS_PER_STATEMENT);
      this.logger.log({ event: 'rows purged', table, purged });
    }
  }

  /** What is gone is told of in the same transaction. @returns how many of the rows below the id are gone */
  private purgeSome(table: string, id: string, days: number): Promise<number> {
    return inTransaction(this.dataSource, async (manager) => {
      const [, count] = await manager.query<[unknown[], number]>(
        `delete from ${table} where id in (select id from ${table} where id < $1 order by id limit $2)`,
        [id, ROWS_PER_STATEMENT],
      );
      if (count > 0) await this.facts.record(manager, new RowsPurged(table, count, { days }));
      return count;
    });
  }
}

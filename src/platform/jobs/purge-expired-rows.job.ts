import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { AppConfig } from '../config/app-config.js';
import { smallestUuidOf } from '../database/uuid.js';
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
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    for (const [table, days] of Object.entries(this.config.retentionDays)) {
      const cutoff = new Date(this.clock.now().getTime() - days * DAY_MS);
      this.logger.log({
        event: 'rows purged',
        table,
        purged: await this.purge(table, smallestUuidOf(cutoff)),
      });
    }
  }

  /** @returns how many rows there were below the id */
  private async purge(table: string, id: string): Promise<number> {
    let purged = 0;
    for (;;) {
      const [, count] = await this.dataSource.query<[unknown[], number]>(
        `delete from ${table} where id in (select id from ${table} where id < $1 order by id limit $2)`,
        [id, ROWS_PER_STATEMENT],
      );
      purged += count;
      if (count < ROWS_PER_STATEMENT) return purged;
    }
  }
}

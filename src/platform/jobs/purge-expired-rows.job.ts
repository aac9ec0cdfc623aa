import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { Clock } from '../clock.js';
import { JobSettings } from './job.settings.js';
import { inTransaction } from '../database/transaction.js';
import { smallestUuidOf } from '../database/uuid.js';
import { JobHandler, type ScheduledJob } from './job-handler.js';
import { Facts } from '../facts/facts.service.js';

const ROWS_PER_STATEMENT = 1000;
const DAY_MS = 86_400_000;

/**
 * Removes the rows that are older than `RETENTION_DAYS` allows, a thousand per statement, so that it blocks
 * no other work.
 */
@Injectable()
@JobHandler('purge-expired-rows')
export class PurgeExpiredRowsJob implements ScheduledJob {
  readonly schedule = { cron: '27 3 * * *', catchUpMs: DAY_MS };
  private readonly logger = new Logger('retention');

  constructor(
    private readonly settings: JobSettings,
    private readonly clock: Clock,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    await this.purge();
  }

  /** @returns the number of removed rows by table */
  async purge(): Promise<Record<string, number>> {
    const purgedOf: Record<string, number> = {};
    for (const [table, days] of Object.entries(this.settings.daysByTable)) {
      const cutoff = new Date(this.clock.now().getTime() - days * DAY_MS);
      const id = smallestUuidOf(cutoff);
      let purged = 0;
      let count: number;
      do {
        count = await this.purgeSome(table, id, days);
        purged += count;
      } while (count === ROWS_PER_STATEMENT);
      this.logger.log({ event: 'rows purged', table, purged });
      purgedOf[table] = purged;
    }
    return purgedOf;
  }

  /**
   * Removes some rows below the id, and records the fact about it in the same transaction.
   * @returns the number of removed rows
   */
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

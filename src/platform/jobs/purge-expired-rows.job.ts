import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { RowsPurged } from '../../events/rows-purged.event.js';
import { Clock } from '../clock.js';
import { AppConfig } from '../config/app-config.js';
import { inTransaction } from '../database/transaction.js';
import { smallestUuidOf } from '../database/uuid.js';
import { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../unit-of-work/unit-of-work-writer.service.js';
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
    private readonly emitter: EventEmitter2,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async run(): Promise<void> {
    for (const [table, days] of Object.entries(this.config.retentionDays)) {
      const cutoff = new Date(this.clock.now().getTime() - days * DAY_MS);
      const purged = await this.purge(table, smallestUuidOf(cutoff));
      this.logger.log({ event: 'rows purged', table, purged });
      if (purged > 0) await this.record(new RowsPurged(table, purged, { days }));
    }
  }

  private async record(fact: RowsPurged): Promise<void> {
    const unit = new UnitOfWork();
    await this.emitter.emitAsync(fact.eventName, fact, unit);
    await inTransaction(this.dataSource, (manager) => this.writer.write(manager, [unit]));
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

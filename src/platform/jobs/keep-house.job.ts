import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobHandler, type JobRun } from './job-handler.js';

/** Removes what only piles up: the heartbeats of workers long gone, counts of hours long past. */
@Injectable()
@JobHandler('keep-house')
export class KeepHouseJob implements JobRun<'keep-house'> {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async run(): Promise<void> {
    await this.dataSource.query(`delete from job_workers where last_heartbeat_at < now() - interval '1 day'`);
    await this.dataSource.query(`delete from request_counts where hour < now() - interval '2 days'`);
    await this.dataSource.query(`delete from signal_counts where minute < now() - interval '2 days'`);
  }
}

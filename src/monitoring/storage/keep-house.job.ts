import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JOBS_TABLE } from '../../platform/jobs/engine.queries.js';
import { JobHandler, type ScheduledJob } from '../../platform/jobs/job-handler.js';

/** Removes old heartbeats, counts and readings. Records the sizes of the tables once a day. */
@Injectable()
@JobHandler('keep-house')
export class KeepHouseJob implements ScheduledJob {
  readonly schedule = { cron: '*/5 * * * *' };

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async run(): Promise<void> {
    await this.dataSource.query(`delete from job_workers where last_heartbeat_at < now() - interval '1 day'`);
    await this.dataSource.query(`delete from request_counts where hour < now() - interval '2 days'`);
    await this.dataSource.query(`delete from signal_counts where minute < now() - interval '2 days'`);
    await this.dataSource.query(`delete from disk_readings where measured_at < now() - interval '1 day'`);
    await this.dataSource.query(`delete from table_sizes where day < now() - interval '400 days'`);
    await this.dataSource.query(SAMPLE_TABLE_SIZES, [tablesOf(this.dataSource)]);
  }
}

/** The tables of the service, and the table of the job engine that can grow. */
export function tablesOf({ entityMetadatas }: DataSource): string[] {
  return [...entityMetadatas.map(({ tableName }) => tableName), JOBS_TABLE];
}

/** Keeps the first sample of a day. */
const SAMPLE_TABLE_SIZES = `
  insert into table_sizes (table_name, day, bytes)
  select name, (now() at time zone 'UTC')::date, pg_total_relation_size(to_regclass(name))
  from unnest($1::text[]) as name
  on conflict (table_name, day) do nothing`;

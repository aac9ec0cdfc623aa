import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AdminController } from '../http/admin-controller.decorator.js';
import { DeadJobDto } from './dead-job.dto.js';

@AdminController('dead-jobs')
export class DeadJobsController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @Get()
  @ApiOperation({ summary: 'The newest 100 jobs that have been given up' })
  @ApiOkResponse({ description: 'Dead jobs, newest first', type: [DeadJobDto] })
  list(): Promise<DeadJobDto[]> {
    return this.dataSource.query(DEAD_JOBS);
  }
}

const DEAD_JOBS = `
  select jobs.id::text, tasks.identifier as task, attempts, last_error as "lastError",
    jobs.created_at as "createdAt", updated_at as "lastAttemptAt"
  from graphile_worker._private_jobs jobs
  join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id
  where attempts >= max_attempts and locked_at is null
  order by jobs.id desc
  limit 100`;

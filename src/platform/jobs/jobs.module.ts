import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DeadJobsController } from './dead-jobs.controller.js';
import { DeadJobs } from './dead-jobs.service.js';
import { JobRunner } from './job-runner.service.js';
import { PurgeExpiredRowsJob } from './purge-expired-rows.job.js';
import { WorkerLease } from './worker-lease.service.js';

/** Background jobs on graphile-worker. Handlers are found by their `@JobHandler`. */
@Module({
  imports: [DiscoveryModule],
  controllers: [DeadJobsController],
  providers: [DeadJobs, JobRunner, WorkerLease, PurgeExpiredRowsJob],
  exports: [JobRunner],
})
export class JobsModule {}

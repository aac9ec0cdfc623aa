import { Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AdminController } from '../access/admin-controller.decorator.js';
import { DeadJobDto } from './dead-job.dto.js';
import { DeadJobs } from './dead-jobs.service.js';

@AdminController('dead-jobs')
export class DeadJobsController {
  constructor(private readonly deadJobs: DeadJobs) {}

  @Get()
  @ApiOperation({ summary: 'The newest 100 jobs that have used all attempts' })
  @ApiOkResponse({ description: 'Dead jobs, newest first', type: [DeadJobDto] })
  list(): Promise<DeadJobDto[]> {
    return this.deadJobs.list();
  }
}

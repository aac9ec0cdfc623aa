import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { inTransaction } from '../database/transaction.js';
import type { DeadJobDto } from './dead-job.dto.js';
import { ANALYZE_JOBS, CHOSEN_DEAD_JOBS, NEWEST_DEAD_JOBS, RETRY_JOB } from './engine.queries.js';
import { Facts } from '../facts/facts.service.js';

/** Selects dead jobs. An empty filter selects all. */
export interface DeadJobFilter {
  ids?: readonly string[];
  task?: string;
}

/** The jobs that have used all their attempts. */
@Injectable()
export class DeadJobs {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly facts: Facts,
  ) {}

  /** The newest 100. */
  list(): Promise<DeadJobDto[]> {
    return this.dataSource.query(NEWEST_DEAD_JOBS);
  }

  /**
   * Makes dead jobs run again at once, with all their attempts.
   * @returns these jobs
   */
  async retry({ ids, task }: DeadJobFilter): Promise<DeadJobDto[]> {
    return inTransaction(this.dataSource, async (manager) => {
      const jobs: DeadJobDto[] = await manager.query(CHOSEN_DEAD_JOBS, [ids ?? null, task ?? null]);
      for (const job of jobs) {
        await manager.query(RETRY_JOB, [job.id]);
        const object = { type: 'job', id: job.id };
        await this.facts.record(manager, new OperatorActed('job.retried', object, { task: job.task }));
      }
      return jobs;
    });
  }

  /** Updates PostgreSQL's statistics of the queue. Autovacuum does the same within about a minute. */
  async analyze(): Promise<void> {
    await this.dataSource.query(ANALYZE_JOBS);
  }
}

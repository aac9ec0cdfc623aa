import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorFunction } from '@nestjs/terminus';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { MailSender } from '../notifications/email/mail-sender.service.js';
import { ProcessSettings } from '../platform/process/process.settings.js';
import { SCHEMA_VERSION } from '../platform/database/migrate.js';
import { NO_JOB_IS_LATE } from '../platform/jobs/engine.queries.js';
import { JobRunner } from '../platform/jobs/job-runner.service.js';
import { timeout } from './timeout.js';

const DUE_JOB_MAX_AGE_SECONDS = 300;

/**
 * The conditions for sending work to a process. The report is public, so it only names the part that is down.
 */
@Injectable()
export class ReadinessChecks {
  constructor(
    private readonly settings: ProcessSettings,
    private readonly indicators: HealthIndicatorService,
    private readonly mail: MailSender,
    private readonly jobs: JobRunner,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  all(): HealthIndicatorFunction[] {
    const database = [
      this.check('database', () => this.holds(DATABASE_TAKES_WRITES)),
      this.check('schema', () => this.holds(SCHEMA_IS_CURRENT, [SCHEMA_VERSION])),
    ];
    if (!this.settings.roles.worker) return database;
    return [
      ...database,
      this.check('jobWorker', () =>
        this.holds(WORKER_IS_ALIVE, [this.jobs.workerId, this.jobs.leaseSeconds]),
      ),
      this.check('oldestDueJob', () => this.holds(NO_JOB_IS_LATE, [DUE_JOB_MAX_AGE_SECONDS])),
      this.check('mail', () => this.mail.isReachable()),
    ];
  }

  /** Never down, because events must be accepted also without a worker. */
  workers(): HealthIndicatorFunction {
    return async () => {
      const asked = this.holds(A_WORKER_IS_ALIVE, [this.jobs.leaseSeconds]).then(
        (isAlive) => (isAlive ? 'ok' : 'warning'),
        () => 'unknown',
      );
      const state = (await Promise.race([asked, timeout()])) || 'unknown';
      return this.indicators.check('workers').up({ state });
    };
  }

  private check(part: string, holds: () => Promise<boolean>): HealthIndicatorFunction {
    return async () => {
      const indicator = this.indicators.check(part);
      const up = await Promise.race([holds().catch(() => false), timeout()]);
      return up ? indicator.up() : indicator.down();
    };
  }

  private async holds(question: string, values: unknown[] = []): Promise<boolean> {
    const [row] = await this.dataSource.query<{ holds: boolean }[]>(question, values);
    return row?.holds === true;
  }
}

/** A standby, or a primary that became one, answers only reads. */
const DATABASE_TAKES_WRITES = `select current_setting('transaction_read_only') = 'off' as holds`;

const SCHEMA_IS_CURRENT = `select exists (select from migrations where name = $1) as holds`;

const A_WORKER_IS_ALIVE = `
  select exists (
    select from job_workers where last_heartbeat_at > now() - $1 * interval '1 second'
  ) as holds`;

const WORKER_IS_ALIVE = `
  select exists (
    select from job_workers
    where worker_id = $1 and last_heartbeat_at > now() - $2 * interval '1 second'
  ) as holds`;

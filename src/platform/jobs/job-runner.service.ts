import { setTimeout as timeout } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import {
  type CronItem,
  type Job,
  Logger as EngineLogger,
  parseCronItems,
  run,
  type Runner,
  type TaskList,
} from 'graphile-worker';
import pg from 'pg';
import { Registry } from 'prom-client';
import { isScheduled, JOBS, type JobPayloads, type JobTask } from '../../events/job-tasks.js';
import { causedBy } from '../cause.js';
import { DatabaseSettings } from '../database/database.settings.js';
import { FailoverClient } from '../database/session/failover-client.js';
import { counter, histogram } from '../metrics/metrics.js';
import { providersMarkedBy } from '../marked-providers.js';
import { scrub } from '../logging/scrub.js';
import { repeatWhileDatabaseIsAway } from './engine-retries.js';
import { linksOf, traced } from '../tracing/tracing.js';
import { JobClaim, JobTakenOver } from './job-claim.js';
import { JobSettings } from './job.settings.js';
import { JobHandler, type JobRun, type ScheduledJob } from './job-handler.js';
import { WorkerLease } from './worker-lease.service.js';

const POLL_INTERVAL_MS = 1000;
/** Below the 30 s that Kubernetes and Docker usually allow. */
const STOP_TIMEOUT_MS = 20_000;

/** Runs the background tasks on graphile-worker. One per process with the `worker` role. */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger('jobs');
  private handlers = new Map<JobTask, JobRun<JobTask> | ScheduledJob>();
  private readonly runs;
  private readonly runSeconds;
  private pool?: pg.Pool;
  private runner?: Runner;

  constructor(
    private readonly database: DatabaseSettings,
    private readonly settings: JobSettings,
    private readonly lease: WorkerLease,
    private readonly discovery: DiscoveryService,
    registry: Registry,
  ) {
    this.runs = counter(registry, 'job_runs_total');
    this.runSeconds = histogram(registry, 'job_run_seconds');
  }

  /**
   * @throws if a task has no handler or two, or a scheduled task has no schedule, so that the boot fails and
   * not the first job
   */
  onModuleInit(): void {
    const tasks = Object.keys(JOBS) as JobTask[];
    this.handlers = providersMarkedBy(this.discovery, JobHandler, 'job', tasks);
    for (const [task, handler] of this.handlers) {
      if (isScheduled(task) !== 'schedule' in handler)
        throw new Error(`The handler of the job "${task}" and JOBS disagree on its schedule`);
    }
  }

  /** Starts the engine after the start of the application. Only for processes with the role `worker`. */
  async start(schedule: CronItem[] = this.schedule()): Promise<void> {
    repeatWhileDatabaseIsAway();
    const pool = new pg.Pool({
      Client: FailoverClient,
      connectionString: this.database.url,
      application_name: 'mingus-onboarding jobs',
      max: this.settings.concurrency + 2,
      connectionTimeoutMillis: 5000,
      query_timeout: 30_000,
      keepAlive: true,
    });
    const onError = (error: Error) => this.logger.warn({ event: 'connection lost', error });
    pool.on('error', onError);
    pool.on('connect', (client) => client.on('error', onError));
    this.pool = pool;
    this.runner = await run({
      pgPool: pool,
      taskList: this.toTaskList(pool),
      concurrency: this.settings.concurrency,
      pollInterval: POLL_INTERVAL_MS,
      noHandleSignals: true,
      parsedCronItems: parseCronItems(schedule),
      logger: new EngineLogger(() => (level, message) => this.logEngine(level, message)),
      events: this.lease.events,
    });
    void this.watch(this.runner);
    await this.lease.start(pool);
  }

  /**
   * Ends the process if the engine ends unexpectedly, so that it is restarted. Otherwise the process would
   * send heartbeats and run no jobs.
   * @throws if the engine ended without `stop`
   */
  private async watch(runner: Runner): Promise<void> {
    await runner.promise.catch((error) => this.logger.error({ event: 'job engine failed', error }));
    if (this.runner === runner) throw new Error('The job engine ended by itself');
  }

  /**
   * Stops claiming jobs and waits for running ones, for a limited time. Does not wait while the database is
   * unavailable, because no result could be recorded.
   */
  async stop(): Promise<void> {
    const { runner, pool } = this;
    this.runner = undefined;
    this.pool = undefined;
    const isUp = await pool?.query('select').catch(() => null);
    if (isUp) await Promise.race([runner?.stop(), timeout(STOP_TIMEOUT_MS, null, { ref: false })]);
    await this.lease.stop();
    await pool?.end();
  }

  /** The connections of the engine; undefined while it does not run. */
  get connections(): Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount' | 'options'> | undefined {
    return this.pool;
  }

  /** A worker that has sent no heartbeat for longer counts as dead. */
  get leaseSeconds(): number {
    return this.lease.leaseSeconds;
  }

  /** The name of this process's worker; undefined before it has started. */
  get workerId(): string | undefined {
    return this.lease.workerId;
  }

  private schedule(): CronItem[] {
    return [...this.handlers].flatMap(([task, handler]) => {
      const schedule = 'schedule' in handler ? handler.schedule : null;
      if (!schedule) return [];
      const options = { backfillPeriod: schedule.catchUpMs ?? 0, jobKey: task };
      return [{ task, match: schedule.cron, options }];
    });
  }

  private toTaskList(pool: pg.Pool): TaskList {
    return Object.fromEntries(
      [...this.handlers].map(([task, handler]) => [
        task,
        (payload, { job }) => this.runJob(handler, payload, job, new JobClaim(pool, job, this.lease)),
      ]),
    ) as TaskList;
  }

  private async runJob(handler: JobRun<JobTask> | ScheduledJob, payload: unknown, job: Job, claim: JobClaim) {
    const payloads = (Array.isArray(payload) ? payload : [payload]) as JobPayloads[JobTask][];
    const startedAt = performance.now();
    const { task_identifier: task, id: jobId, attempts: attempt } = job;
    const fields = { task, jobId, attempt, payloads: payloads.length };
    try {
      // One payload may have made the job fail or killed the worker. The others must not fail with it.
      if (attempt > 1 && payloads.length > 1) {
        await claim.split();
        this.runs.inc({ task, outcome: 'split' });
        return this.logger.log({ event: 'job split', ...fields });
      }
      const context = { jobId, attempt, assertHeld: () => claim.assertHeld() };
      const links = linksOf(payloads.map((each) => (each as { traceparent?: string }).traceparent));
      await traced(`job ${task}`, { kind: 'CONSUMER', links, attributes: fields }, () =>
        causedBy({ jobId }, () => handler.run(payloads, context)),
      );
      await claim.complete();
      const durationMs = Math.round(performance.now() - startedAt);
      this.runs.inc({ task, outcome: 'done' });
      this.runSeconds.observe({ task }, durationMs / 1000);
      this.logger.log({ event: 'job done', ...fields, durationMs });
    } catch (error) {
      this.runs.inc({ task, outcome: error instanceof JobTakenOver ? 'taken_over' : 'failed' });
      if (error instanceof JobTakenOver) this.logger.warn({ event: 'job taken over', ...fields });
      else this.logger.error({ event: 'job failed', ...fields, error });
      throw new Error(scrub(error instanceof Error ? error.message : String(error)), { cause: error });
    }
  }

  private logEngine(level: string, message: string): void {
    if (level === 'error' || level === 'warning') {
      this.logger.warn({ event: 'job engine', message: scrub(message.split('\n')[0] ?? '') });
    }
  }
}

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
import { JOB_TASKS, type JobPayloads, type JobTask } from '../../events/job-tasks.js';
import { causedBy } from '../cause.js';
import { AppConfig } from '../config/app-config.js';
import { FailoverClient } from '../database/failover-client.js';
import { counter, histogram } from '../metrics/metrics.js';
import { scrub } from '../logging/scrub.js';
import { repeatWhileDatabaseIsAway } from './engine-retries.js';
import { linksOf, traced } from '../tracing/tracing.js';
import { JobClaim, JobTakenOver } from './job-claim.js';
import { JobHandler, type JobRun } from './job-handler.js';
import { WorkerLease } from './worker-lease.service.js';

const POLL_INTERVAL_MS = 1000;
const DAY_MS = 86_400_000;
/** Below the 30 s that Kubernetes and Docker users usually grant. */
const STOP_TIMEOUT_MS = 20_000;

/** What runs by the clock: in one process, however many there are. */
const SCHEDULE = [
  byClock('keep-house', '*/5 * * * *', 0),
  byClock('run-watchdog', '*/5 * * * *', 0),
  byClock('seal-audit', '* * * * *', 0),
  byClock('purge-event-bodies', '17 3 * * *', DAY_MS),
  byClock('purge-expired-rows', '27 3 * * *', DAY_MS),
];

/** A job of each time that `match` names: what waits of an earlier time gives way. */
function byClock(task: JobTask, match: string, backfillPeriod: number): CronItem {
  return { task, match, options: { backfillPeriod, jobKey: task } };
}

/** Runs the background tasks on graphile-worker. One per process with the `worker` role. */
@Injectable()
export class JobRunner {
  private readonly logger = new Logger('jobs');
  private readonly handlers = new Map<JobTask, JobRun<JobTask>>();
  private readonly runs;
  private readonly runSeconds;
  private pool?: pg.Pool;
  private runner?: Runner;

  constructor(
    private readonly config: AppConfig,
    private readonly lease: WorkerLease,
    private readonly discovery: DiscoveryService,
    registry: Registry,
  ) {
    this.runs = counter(registry, 'job_runs_total');
    this.runSeconds = histogram(registry, 'job_run_seconds');
  }

  /** @throws when a task has no handler or two: better at boot than in the first job */
  onModuleInit(): void {
    for (const provider of this.discovery.getProviders()) {
      const task = provider.metatype && this.discovery.getMetadataByDecorator(JobHandler, provider);
      if (!task) continue;
      if (this.handlers.has(task)) throw new Error(`Two handlers for the job "${task}"`);
      this.handlers.set(task, provider.instance as JobRun<JobTask>);
    }
    const missing = JOB_TASKS.filter((task) => !this.handlers.has(task));
    if (missing.length > 0) throw new Error(`No handler for the jobs: ${missing.join(', ')}`);
  }

  /** Starts working. Called once the application is up; does nothing without the `worker` role. */
  async start(schedule: CronItem[] = this.schedule()): Promise<void> {
    if (!this.config.roles.worker) return;
    repeatWhileDatabaseIsAway();
    const pool = new pg.Pool({
      Client: FailoverClient,
      connectionString: this.config.database.url,
      application_name: 'mingus-onboarding jobs',
      max: this.config.jobs.concurrency + 2,
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
      concurrency: this.config.jobs.concurrency,
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
   * An engine that gave up leaves a process that heartbeats and does nothing. That is a fault like any that
   * nobody caught: the process ends in order, and is started anew.
   * @throws when the engine has ended without having been told to
   */
  private async watch(runner: Runner): Promise<void> {
    await runner.promise.catch((error) => this.logger.error({ event: 'job engine failed', error }));
    if (this.runner === runner) throw new Error('The job engine ended by itself');
  }

  /**
   * Stops claiming and lets running jobs end, but not for ever. While the database is away there is
   * nothing to wait for: no end of a job could be recorded.
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

  /** The engine's connections; undefined while it does not run. */
  get connections(): Pick<pg.Pool, 'totalCount' | 'idleCount' | 'waitingCount' | 'options'> | undefined {
    return this.pool;
  }

  /** The name of this process's worker; undefined before it has started. */
  get workerId(): string | undefined {
    return this.lease.workerId;
  }

  /** The comparison with Stripe is made up for after a standstill: that is when it is needed most. */
  private schedule(): CronItem[] {
    const { schedule: match } = this.config.reconciliation;
    return match ? [...SCHEDULE, byClock('start-reconciliation', match, DAY_MS)] : SCHEDULE;
  }

  private toTaskList(pool: pg.Pool): TaskList {
    return Object.fromEntries(
      [...this.handlers].map(([task, handler]) => [
        task,
        (payload, { job }) => this.runJob(handler, payload, job, new JobClaim(pool, job, this.lease)),
      ]),
    ) as TaskList;
  }

  private async runJob(handler: JobRun<JobTask>, payload: unknown, job: Job, claim: JobClaim) {
    const payloads = (Array.isArray(payload) ? payload : [payload]) as JobPayloads[JobTask][];
    const startedAt = performance.now();
    const { task_identifier: task, id: jobId, attempts: attempt } = job;
    const fields = { task, jobId, attempt, payloads: payloads.length };
    try {
      // One of them may be what made it fail, or killed the worker: the others must not end with it.
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

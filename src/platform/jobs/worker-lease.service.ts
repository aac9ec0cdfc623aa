import { EventEmitter } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import type { WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import { AppConfig } from '../config/app-config.js';
import { KEYED } from '../unit-of-work/job-specs.js';

/** So many heartbeats may fail or come late before a worker counts as dead. */
const HEARTBEATS_PER_LEASE = 6;

/** A job that a dead worker had. */
interface FreedJob {
  workerId: string;
  task: string;
  jobId: string;
  attempt: number;
  isLast: boolean;
}

/**
 * Heartbeats for this process's worker and frees the jobs of dead ones: those silent for
 * `WORKER_LEASE_SECONDS`. A killed worker's jobs run again within this time plus one heartbeat; the engine
 * alone would keep them locked for four hours. All times are the database's.
 */
@Injectable()
export class WorkerLease {
  readonly events: WorkerEvents = new EventEmitter() as WorkerEvents;
  private readonly logger = new Logger('jobs');
  /** The name under which the engine locks this process's jobs. */
  workerId?: string;
  private pool?: pg.Pool;
  private timer?: NodeJS.Timeout;
  private readonly leaseSeconds: number;
  /** When the last heartbeat was sent that arrived. */
  private confirmed = { wall: 0, monotonic: 0 };
  /** Since when, by the database's clock, no heartbeat has been late. */
  private unbrokenSince: Date | null = null;

  constructor({ jobs }: AppConfig) {
    this.leaseSeconds = jobs.leaseSeconds;
    this.events.on('pool:create', ({ workerPool }) => {
      this.workerId = workerPool.id;
    });
    this.events.on('job:complete', ({ job, error }) => {
      if (error) void this.addJitter(job.id, job.attempts);
    });
  }

  async start(pool: pg.Pool): Promise<void> {
    this.pool = pool;
    await this.beat();
    this.timer = setInterval(() => void this.beat(), (this.leaseSeconds * 1000) / HEARTBEATS_PER_LEASE);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    const pool = this.pool;
    this.pool = undefined;
    await pool
      ?.query('delete from job_workers where worker_id = $1', [this.workerId])
      .catch((error) => this.logger.warn({ event: 'heartbeat not removed', error }));
  }

  /**
   * Whether nobody can have freed a job that this worker locked then: its heartbeats have come without a gap
   * since, the last one less than half a lease ago. False is "perhaps not": the database must be asked.
   */
  surelyHolds(lockedAt: Date): boolean {
    return this.unbrokenSince !== null && this.unbrokenSince < lockedAt && !this.isLate();
  }

  /** By the clock that has gone further: one stands still while a machine is suspended, the other can be set. */
  private isLate(): boolean {
    const { wall, monotonic } = this.confirmed;
    const elapsedMs = Math.max(Date.now() - wall, performance.now() - monotonic);
    return elapsedMs > (this.leaseSeconds * 1000) / 2;
  }

  private async beat(): Promise<void> {
    try {
      const sent = { wall: Date.now(), monotonic: performance.now() };
      const heartbeat = await this.pool?.query<{ at: Date }>(HEARTBEAT, [this.workerId]);
      if (this.isLate()) this.unbrokenSince = heartbeat?.rows[0]?.at ?? null;
      this.confirmed = sent;
      const freed = await this.pool?.query<FreedJob>(FREE_JOBS_OF_DEAD_WORKERS, [this.leaseSeconds]);
      this.reportFreed(freed?.rows ?? []);
      await this.pool?.query(REMOVE_SUPERSEDED_JOBS);
    } catch (error) {
      this.logger.warn({ event: 'heartbeat failed', error });
    }
  }

  private reportFreed(jobs: FreedJob[]): void {
    for (const workerId of new Set(jobs.map((job) => job.workerId))) {
      this.logger.warn({ event: 'dead worker reaped', workerId });
    }
    for (const { isLast, ...job } of jobs) {
      if (isLast) this.logger.error({ event: 'job given up', ...job });
      else this.logger.warn({ event: 'job orphaned', ...job });
    }
  }

  /** The engine's back-off is exact; jobs that failed together must not all come back together. */
  private async addJitter(jobId: string, attempts: number): Promise<void> {
    const delaySeconds = Math.exp(Math.min(attempts, 10)) * (0.8 + Math.random() * 0.4);
    await this.pool
      ?.query(
        `select graphile_worker.reschedule_jobs(array_agg(id), now() + $2 * interval '1 second')
         from graphile_worker._private_jobs where id = $1 and attempts = $3`,
        [jobId, delaySeconds, attempts],
      )
      .catch((error) => this.logger.warn({ event: 'job not rescheduled', error }));
  }
}

const HEARTBEAT = `
  insert into job_workers (worker_id, last_heartbeat_at) values ($1, now())
  on conflict (worker_id) do update set last_heartbeat_at = now()
  returning last_heartbeat_at as at`;

/**
 * When a job is added whose key a running one has, the engine takes the key from that one and lets it have no
 * further attempt: the later one does its work. Should it fail, or its worker die, it is not a job given up.
 */
const IS_SUPERSEDED = `key is null and attempts >= max_attempts
  and (coalesce(flags ? '${KEYED}', false) or payload::jsonb ? '_cron')`;

/**
 * The attempt counts: a job that kills whatever runs it comes to an end. The first time jobs run again at
 * once. Later they come back one by one within twelve seconds, yet before all others: if one of them is what
 * killed the worker, it must not take those with it that were running beside it, again and again.
 */
const FREE_JOBS_OF_DEAD_WORKERS = `
  with dead as (
    select distinct locked_by as worker_id
    from graphile_worker._private_jobs jobs
    where locked_at < now() - $1 * interval '1 second'
      and not exists (
        select from job_workers
        where worker_id = jobs.locked_by and last_heartbeat_at > now() - $1 * interval '1 second'
      )
  ), orphans as (
    select jobs.id, dead.worker_id,
      interval '12 seconds' * row_number() over (order by jobs.id) / greatest(4, count(*) over ()) as delay
    from graphile_worker._private_jobs jobs join dead on dead.worker_id = jobs.locked_by
  )
  update graphile_worker._private_jobs jobs
  set locked_at = null, locked_by = null, last_error = 'Its worker died', priority = least(priority, -1),
    run_at = case attempts when 1 then run_at else now() + delay end
  from orphans, graphile_worker._private_tasks tasks
  where jobs.id = orphans.id and jobs.locked_by = orphans.worker_id and tasks.id = jobs.task_id
  returning worker_id as "workerId", tasks.identifier as task, jobs.id as "jobId", attempts as attempt,
    attempts >= max_attempts and not (${IS_SUPERSEDED}) as "isLast"`;

const REMOVE_SUPERSEDED_JOBS = `
  delete from graphile_worker._private_jobs where locked_at is null and ${IS_SUPERSEDED}`;

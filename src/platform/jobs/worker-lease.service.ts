import { EventEmitter } from 'node:events';
import { Injectable, Logger } from '@nestjs/common';
import type { WorkerEvents } from 'graphile-worker';
import type pg from 'pg';
import { DELAY_FAILED_JOB, FREE_JOBS_OF_DEAD_WORKERS, REMOVE_SUPERSEDED_JOBS } from './engine.queries.js';
import { JobSettings } from './job.settings.js';

/** The number of heartbeats that may fail or be late before a worker counts as dead. */
const HEARTBEATS_PER_LEASE = 6;

/** A job of a dead worker. */
interface FreedJob {
  workerId: string;
  task: string;
  jobId: string;
  attempt: number;
  isLast: boolean;
}

/**
 * Sends the heartbeats of this worker and frees the jobs of dead workers, which have sent none for
 * `WORKER_LEASE_SECONDS`. The jobs of a killed worker run again within this time plus one heartbeat; the
 * engine alone would keep them locked for four hours. All times are those of the database.
 */
@Injectable()
export class WorkerLease {
  readonly events: WorkerEvents = new EventEmitter() as WorkerEvents;
  private readonly logger = new Logger('jobs');
  /** The name under which the engine locks this process's jobs. */
  workerId?: string;
  private pool?: pg.Pool;
  private timer?: NodeJS.Timeout;
  private lastBeat?: Promise<void>;
  readonly leaseSeconds: number;
  /** The time when the last successful heartbeat was sent. */
  private confirmed = { wall: 0, monotonic: 0 };
  /** The time, by the clock of the database, since which no heartbeat was late. */
  private unbrokenSince: Date | null = null;

  constructor({ leaseSeconds }: JobSettings) {
    this.leaseSeconds = leaseSeconds;
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
    const everyMs = (this.leaseSeconds * 1000) / HEARTBEATS_PER_LEASE;
    this.timer = setInterval(() => (this.lastBeat = this.beat()), everyMs);
  }

  /** Removes the heartbeat, after one that is under way: it would write the row again. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.lastBeat;
    const pool = this.pool;
    this.pool = undefined;
    await pool
      ?.query('delete from job_workers where worker_id = $1', [this.workerId])
      .catch((error) => this.logger.warn({ event: 'heartbeat not removed', error }));
  }

  /**
   * Whether a job that this worker locked at a time is certainly still its own: its heartbeats have had no
   * gap since, and the last one is less than half a lease old. If false, the database must be asked.
   */
  surelyHolds(lockedAt: Date): boolean {
    return this.unbrokenSince !== null && this.unbrokenSince < lockedAt && !this.isLate();
  }

  /**
   * Uses the clock that shows more elapsed time, because one stops while a machine is suspended and the other
   * can be set.
   */
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

  /**
   * Adds jitter to the exact back-off of the engine, so that jobs that failed together do not run again
   * together.
   */
  private async addJitter(jobId: string, attempts: number): Promise<void> {
    const delaySeconds = Math.exp(Math.min(attempts, 10)) * (0.8 + Math.random() * 0.4);
    await this.pool
      ?.query(DELAY_FAILED_JOB, [jobId, delaySeconds, attempts])
      .catch((error) => this.logger.warn({ event: 'job not rescheduled', error }));
  }
}

const HEARTBEAT = `
  insert into job_workers (worker_id, last_heartbeat_at) values ($1, now())
  on conflict (worker_id) do update set last_heartbeat_at = now()
  returning last_heartbeat_at as at`;

import { setTimeout as sleep } from 'node:timers/promises';
import type { RunSql } from '../test/support/database/invariants.js';
import { waitFor } from '../test/support/wait-for.js';

const POLL_MS = 200;
const DATABASE_TIMEOUT_MS = 600_000;

/**
 * The jobs that killed workers left locked, and how long it takes until other workers take them over. Time
 * without any worker does not count.
 */
export class Orphans {
  /** Milliseconds until a job was run again or done, from the kill, or from the time when a worker was up. */
  readonly rerunAfterMs: number[] = [];
  private readonly waiting = new Map<string, { workerId: string; since: number }>();
  private isOver = false;
  private readonly watching: Promise<void>;

  constructor(
    private readonly sql: RunSql,
    private readonly isAnyWorkerUp: () => boolean,
  ) {
    this.watching = this.watch();
  }

  /** Records the jobs that a killed worker left locked. */
  async add(workerId: string): Promise<void> {
    const since = Date.now();
    const question = 'select id from graphile_worker._private_jobs where locked_by = $1';
    const jobs = await waitFor(
      'database',
      () => this.sql(question, [workerId]).catch(() => null),
      DATABASE_TIMEOUT_MS,
    );
    for (const { id } of jobs) this.waiting.set(String(id), { workerId, since });
  }

  /** Number of jobs that were not taken over yet. */
  get left(): number {
    return this.waiting.size;
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isOver) {
      if (!this.isAnyWorkerUp()) for (const orphan of this.waiting.values()) orphan.since = Date.now();
      // While the database restarts, nothing can be read.
      if (this.waiting.size > 0) await this.check().catch(() => undefined);
      await sleep(POLL_MS);
    }
  }

  private async check(): Promise<void> {
    const known = [...this.waiting];
    const rows = await this.sql(
      'select id, locked_by from graphile_worker._private_jobs where id = any($1::bigint[])',
      [known.map(([id]) => id)],
    );
    const lockedBy = new Map(rows.map(({ id, locked_by }) => [String(id), locked_by]));
    for (const [id, { workerId, since }] of known) {
      const holder = lockedBy.get(id);
      if (lockedBy.has(id) && (holder === null || holder === workerId)) continue;
      this.rerunAfterMs.push(Date.now() - since);
      this.waiting.delete(id);
    }
  }
}

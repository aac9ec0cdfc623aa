import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { databaseFaultOf } from '../../platform/database/database-fault.js';
import { INTAKE } from '../../platform/database/database-options.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { WebhookMetrics } from '../intake/webhook-metrics.js';
import { DriftDetector, type Found } from './drift/drift-detector.service.js';
import { DriftRepairer, type RepairMode, type Settled } from './drift/drift-repairer.service.js';
import { ReconciliationFinding } from './reconciliation-finding.entity.js';
import { type DriftCounts, Reconciliation } from './reconciliation.entity.js';
import type { Cursor, StripePage } from './stripe-lists.service.js';

/** So many are kept for people to look at; the counts tell of all. */
const FINDINGS_MAX = 1000;

/**
 * Deals with one page in ONE transaction: what the events on it mean, the findings, the counts and the
 * position. A run that is killed goes on where it was and counts nothing twice.
 */
@Injectable()
export class PageReconciler {
  constructor(
    private readonly detector: DriftDetector,
    private readonly repairer: DriftRepairer,
    private readonly writer: UnitOfWorkWriter,
    private readonly metrics: WebhookMetrics,
    @InjectDataSource(INTAKE) private readonly dataSource: DataSource,
  ) {}

  /**
   * @param extras found beside the page
   * @param next where the next page begins
   * @returns the run as it is then; null when it was cancelled, or somebody else has dealt with the page
   */
  async settle(
    run: Reconciliation,
    page: StripePage,
    extras: readonly Found[],
    next: Cursor,
  ): Promise<Reconciliation | null> {
    const attempt = (mode: RepairMode) =>
      inTransaction(this.dataSource, async (manager) => {
        const lock = { mode: 'pessimistic_write' } as const;
        const current = await manager.findOne(Reconciliation, { where: { id: run.id }, lock });
        if (current?.status !== 'running' || current.pages !== run.pages) return null;
        const { found, unmatched } = await this.detector.detect(manager, current, page);
        const settled = await this.repairer.repair(manager, [...found, ...extras], mode);
        const advanced = advance(current, page, settled, unmatched, next);
        await this.record(manager, current, advanced, settled);
        return { advanced, settled };
      });
    const done = await attempt(run.dryRun ? 'report' : 'together').catch((error: unknown) => {
      if (run.dryRun || databaseFaultOf(error) !== 'data') throw error;
      return attempt('singly');
    });
    if (done && !run.dryRun) this.count(done.settled);
    return done?.advanced ?? null;
  }

  private async record(
    manager: EntityManager,
    current: Reconciliation,
    { id, ...changes }: Reconciliation,
    settled: readonly Settled[],
  ): Promise<void> {
    const unit = new UnitOfWork();
    unit.updateOne(Reconciliation, { id }, changes);
    const findings = settled.flatMap((one) => toFinding(id, one));
    const room = Math.max(
      0,
      FINDINGS_MAX - foundIn(current.counts.events) - foundIn(current.counts.customers),
    );
    for (const finding of findings.slice(0, room)) unit.insert(ReconciliationFinding, finding);
    await this.writer.write(manager, [unit]);
  }

  private count(settled: readonly Settled[]): void {
    for (const { found, outcome } of settled) {
      if (found.received && outcome) this.metrics.recordEvent(found.received.type, outcome);
    }
  }
}

/** The run after one more page. It is complete only now that everything was listed and nothing failed. */
function advance(
  run: Reconciliation,
  { cursor, objects }: StripePage,
  settled: readonly Settled[],
  unmatched: number,
  next: Cursor,
): Reconciliation {
  const list = cursor.phase === 'customers' ? 'customers' : 'events';
  const before = run.counts[list];
  const counts = {
    ...before,
    checked: before.checked + objects.length,
    unmatched: before.unmatched + unmatched,
  };
  for (const one of settled) addTo(counts, one);
  const now = new Date();
  const advanced = {
    ...run,
    ...next,
    pages: run.pages + 1,
    counts: { ...run.counts, [list]: counts },
    updatedAt: now,
  };
  if (next.phase !== 'done') return advanced;
  const hasFailed = advanced.counts.events.failed + advanced.counts.customers.failed > 0;
  return hasFailed
    ? { ...advanced, status: 'incomplete', reason: 'some_not_repaired', finishedAt: now }
    : { ...advanced, status: 'complete', finishedAt: now };
}

function addTo(counts: DriftCounts, { found, result }: Settled): void {
  if (result === 'unmatched') counts.unmatched += 1;
  if (!isNews(found, result)) return;
  counts[found.kind] += 1;
  if (result === 'repaired' || result === 'failed') counts[result] += 1;
}

/** What waits for its user still is none. */
function isNews({ isOpen }: Found, result: Settled['result']): boolean {
  return result !== null && !(isOpen && result === 'unmatched');
}

function foundIn({ missing, extra, different }: DriftCounts): number {
  return missing + extra + different;
}

function toFinding(reconciliationId: string, settled: Settled): ReconciliationFinding[] {
  const { found, result, reason } = settled;
  if (result === null || !isNews(found, result)) return [];
  const { kind, stripeCustomerId, fields, received } = found;
  const stripeEventId = received?.stripeEventId ?? null;
  return [{ id: uuidv7(), reconciliationId, kind, result, stripeEventId, stripeCustomerId, fields, reason }];
}

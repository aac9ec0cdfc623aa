import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { INTAKE } from '../../platform/database/database-options.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { Redecision } from '../inbox/redecision.service.js';
import { WebhookMetrics } from '../inbox/webhook-metrics.js';
import { DriftDetector } from './drift-detector.service.js';
import type { Found } from './found.js';
import { type Settled, toSettled } from './settled.js';
import { ReconciliationFinding } from './reconciliation-finding.entity.js';
import { type DriftCounts, type ListName, type Phase, Reconciliation } from './reconciliation.entity.js';
import type { Cursor, StripePage } from './stripe-lists.service.js';

/** The number of findings that are kept for operators. The counts include all findings. */
const FINDINGS_MAX = 1000;

/**
 * Settles one page in ONE transaction: the effects of its events, the findings, the counts and the position.
 * A killed run continues from its position and counts nothing twice.
 */
@Injectable()
export class PageReconciler {
  constructor(
    private readonly detector: DriftDetector,
    private readonly redecision: Redecision,
    private readonly writer: UnitOfWorkWriter,
    private readonly metrics: WebhookMetrics,
    @InjectDataSource(INTAKE) private readonly dataSource: DataSource,
  ) {}

  /**
   * @param extras found beside the page
   * @param next where the next page begins
   * @returns the updated run; null if it was cancelled, or another process settled the page
   */
  async settle(
    run: Reconciliation,
    page: StripePage,
    extras: readonly Found[],
    next: Cursor,
  ): Promise<Reconciliation | null> {
    const done = await inTransaction(this.dataSource, async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const current = await manager.findOne(Reconciliation, { where: { id: run.id }, lock });
      if (current?.status !== 'running' || current.pages !== run.pages) return null;
      const { found, unmatched } = await this.detector.detect(manager, current, page);
      const settled = await this.repair(manager, [...found, ...extras], run.dryRun);
      const advanced = advance(current, page, settled, unmatched, next);
      await this.record(manager, current, advanced, settled);
      return { advanced, settled };
    });
    if (done && !run.dryRun) this.count(done.settled);
    return done?.advanced ?? null;
  }

  /** Repairs differences with events, by the same rules as the intake. A dry run writes nothing. */
  private async repair(manager: EntityManager, all: readonly Found[], dryRun: boolean): Promise<Settled[]> {
    const received = all.flatMap((found) => found.received ?? []);
    const results = await this.redecision.decideListed(manager, received, { dryRun });
    const resultOf = ({ received: event }: Found) => (event ? results.get(event) : undefined);
    return all.map((found) => toSettled(found, resultOf(found), dryRun));
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
    const before = Object.values(current.counts).reduce((sum, counts) => sum + foundIn(counts), 0);
    const room = Math.max(0, FINDINGS_MAX - before);
    for (const finding of findings.slice(0, room)) unit.insert(ReconciliationFinding, finding);
    await this.writer.write(manager, [unit]);
  }

  private count(settled: readonly Settled[]): void {
    for (const { found, outcome } of settled) {
      if (found.received && outcome) this.metrics.recordEvent(found.received.type, outcome);
    }
  }
}

/** The run after one more page. It is complete if everything was listed and nothing failed. */
function advance(
  run: Reconciliation,
  { cursor, objects }: StripePage,
  settled: readonly Settled[],
  unmatched: number,
  next: Cursor,
): Reconciliation {
  const list = listOf(cursor.phase);
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
  const hasFailed = Object.values(advanced.counts).some(({ failed }) => failed > 0);
  return hasFailed
    ? { ...advanced, status: 'incomplete', reason: 'some_not_repaired', finishedAt: now }
    : { ...advanced, status: 'complete', finishedAt: now };
}

function listOf(phase: Phase): ListName {
  return phase === 'undelivered_events' || phase === 'done' ? 'events' : phase;
}

function addTo(counts: DriftCounts, { found, result }: Settled): void {
  if (result === 'unmatched') counts.unmatched += 1;
  if (!isNews(found, result)) return;
  counts[found.kind] += 1;
  if (result === 'repaired' || result === 'failed') counts[result] += 1;
}

/** Whether the finding is new. An event that still waits for its user is not. */
function isNews({ isOpen }: Found, result: Settled['result']): boolean {
  return result !== null && !(isOpen && result === 'unmatched');
}

function foundIn({ missing, extra, different }: DriftCounts): number {
  return missing + extra + different;
}

function toFinding(reconciliationId: string, settled: Settled): ReconciliationFinding[] {
  const { found, result, reason } = settled;
  if (result === null || !isNews(found, result)) return [];
  const { kind, stripeCustomerId, stripeObjectId, fields } = found;
  const stripeEventId = found.received?.stripeEventId ?? null;
  const finding = { kind, stripeCustomerId, stripeObjectId, fields };
  return [{ ...finding, id: uuidv7(), reconciliationId, result, stripeEventId, reason }];
}

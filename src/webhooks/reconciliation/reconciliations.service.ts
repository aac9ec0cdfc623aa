import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, LessThan } from 'typeorm';
import { ReconciliationRequested } from '../../events/webhooks/reconciliation-requested.event.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { uuidv7 } from '../../platform/database/uuid.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { findPage, type Page, type PageQuery } from '../../platform/http/page.dto.js';
import { StripeClient } from '../../platform/stripe/stripe-client.service.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { ReconciliationFinding } from './reconciliation-finding.entity.js';
import { NO_COUNTS, Reconciliation } from './reconciliation.entity.js';
import { Facts } from '../../platform/facts/facts.service.js';

/**
 * A run without progress for this time was lost with its process. It no longer prevents the start of another
 * one.
 */
const ABANDONED_AFTER_MS = 15 * 60_000;

/** The objects to compare, and what to do about differences. */
export type ReconciliationRequest = Pick<Reconciliation, 'since' | 'notify' | 'dryRun'> &
  Partial<Pick<Reconciliation, 'until'>>;
type Source = Reconciliation['source'];

/** Starts, shows and cancels reconciliations. The job `reconcile` or the CLI runs them. */
@Injectable()
export class ReconciliationsService {
  constructor(
    private readonly writer: UnitOfWorkWriter,
    private readonly facts: Facts,
    private readonly client: StripeClient,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  list(query: PageQuery): Promise<Page<Reconciliation>> {
    return findPage(this.dataSource.getRepository(Reconciliation), query, {});
  }

  /** @throws DomainError reconciliation_not_found */
  async listFindings(reconciliationId: string, query: PageQuery): Promise<Page<ReconciliationFinding>> {
    await this.get(reconciliationId);
    return findPage(this.dataSource.getRepository(ReconciliationFinding), query, { reconciliationId });
  }

  /** @throws DomainError reconciliation_not_found */
  async get(id: string): Promise<Reconciliation> {
    const run = await this.dataSource.manager.findOneBy(Reconciliation, { id });
    if (!run) throw notFound(id);
    return run;
  }

  /** @throws DomainError stripe_key_missing, since_in_the_future, reconciliation_running */
  start(request: ReconciliationRequest, source: Source): Promise<Reconciliation> {
    const now = new Date();
    this.assertKey();
    if (request.since && request.since > now)
      throw new DomainError('since_in_the_future', 'since lies in the future');
    return inTransaction(this.dataSource, async (manager) => {
      await this.assertNoneRuns(manager, request.dryRun);
      const run: Reconciliation = {
        id: uuidv7(),
        source,
        until: now,
        ...request,
        status: 'running',
        reason: null,
        phase: 'undelivered_events',
        position: null,
        positionCreatedAt: null,
        pages: 0,
        counts: NO_COUNTS,
        createdAt: now,
        updatedAt: now,
        finishedAt: null,
      };
      const unit = new UnitOfWork();
      unit.insert(Reconciliation, run);
      return this.carryOn(manager, run, 'started', source, unit);
    });
  }

  /**
   * Continues a run that ended without being complete. A run that is `running` is taken over, and its present
   * process stops.
   * @throws DomainError stripe_key_missing, reconciliation_not_found, reconciliation_ended,
   * reconciliation_running
   */
  resume(id: string, source: Source): Promise<Reconciliation> {
    this.assertKey();
    return inTransaction(this.dataSource, async (manager) => {
      const run = await this.lock(manager, id);
      if (run.phase === 'done') throw ended(id);
      if (run.status !== 'running') await this.assertNoneRuns(manager, run.dryRun);
      const changes = { status: 'running', reason: null, finishedAt: null, updatedAt: new Date() } as const;
      const unit = new UnitOfWork();
      unit.updateOne(Reconciliation, { id }, changes);
      return this.carryOn(manager, { ...run, ...changes }, 'resumed', source, unit);
    });
  }

  /** Ends a run after its current page. @throws DomainError reconciliation_not_found, reconciliation_ended */
  cancel(id: string): Promise<Reconciliation> {
    return inTransaction(this.dataSource, async (manager) => {
      const run = await this.lock(manager, id);
      if (run.status === 'cancelled') return run;
      if (run.status !== 'running') throw ended(id);
      const changes = { status: 'cancelled', reason: 'cancelled', finishedAt: new Date() } as const;
      const unit = new UnitOfWork();
      unit.updateOne(Reconciliation, { id }, changes);
      await this.announce('cancelled', run, 'admin_api', unit);
      await this.writer.write(manager, [unit]);
      return { ...run, ...changes };
    });
  }

  private async carryOn(
    manager: EntityManager,
    run: Reconciliation,
    act: ReconciliationRequested['act'],
    source: Source,
    unit: UnitOfWork,
  ): Promise<Reconciliation> {
    if (source !== 'cli') unit.enqueue('reconcile', { reconciliationId: run.id });
    await this.announce(act, run, source, unit);
    await this.writer.write(manager, [unit]);
    return run;
  }

  private async assertNoneRuns(manager: EntityManager, dryRun: boolean): Promise<void> {
    const now = new Date();
    await manager.update(
      Reconciliation,
      { status: 'running', updatedAt: LessThan(new Date(now.getTime() - ABANDONED_AFTER_MS)) },
      { status: 'incomplete', reason: 'abandoned', finishedAt: now },
    );
    const other = await manager.findOneBy(Reconciliation, { status: 'running', dryRun });
    if (!other) return;
    const advice = `wait for it, resume it or cancel it`;
    throw new DomainError('reconciliation_running', `Reconciliation ${other.id} is running: ${advice}`);
  }

  private async lock(manager: EntityManager, id: string): Promise<Reconciliation> {
    const lock = { mode: 'pessimistic_write' } as const;
    const run = await manager.findOne(Reconciliation, { where: { id }, lock });
    if (!run) throw notFound(id);
    return run;
  }

  private assertKey(): void {
    if (!this.client.sdk) throw new DomainError('stripe_key_missing', 'STRIPE_SECRET_KEY is not set');
  }

  private async announce(
    act: ReconciliationRequested['act'],
    { id, since, notify, dryRun }: Reconciliation,
    source: Source,
    unit: UnitOfWork,
  ): Promise<void> {
    const details = { since: since?.toISOString() ?? null, notify, dryRun };
    const fact = new ReconciliationRequested(id, act, source, details);
    this.facts.emit(fact, unit);
  }
}

function notFound(id: string): DomainError {
  return new DomainError('reconciliation_not_found', `No reconciliation ${id}`);
}

function ended(id: string): DomainError {
  return new DomainError('reconciliation_ended', `Reconciliation ${id} has ended already`);
}

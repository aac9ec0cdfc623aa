import { Injectable, Logger } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import Stripe from 'stripe';
import { Repository } from 'typeorm';
import { StripeUnavailable } from '../../platform/stripe/stripe-calls.service.js';
import { DriftDetector, TooManyExtras } from './drift-detector.service.js';
import { PageReconciler } from './page-reconciler.service.js';
import { Reconciliation } from './reconciliation.entity.js';
import { type Cursor, NEXT_PHASE, StripeLists, type StripePage } from './stripe-lists.service.js';

/** The hooks with which a caller watches and stops a run. */
export interface RunControl {
  /** Called before each page. */
  isStopped: () => boolean;
  onPage?: (run: Reconciliation) => void;
}

/** Walks through Stripe's lists. The next page is fetched while the present one is settled. */
@Injectable()
export class Reconciler {
  private readonly logger = new Logger('reconciliation');

  constructor(
    private readonly lists: StripeLists,
    private readonly detector: DriftDetector,
    private readonly pages: PageReconciler,
    @InjectRepository(Reconciliation) private readonly reconciliations: Repository<Reconciliation>,
  ) {}

  /**
   * Continues a run until it ends, is stopped, or is continued by another process.
   * @returns the updated run; `running` only if it was stopped, or another process continues it
   * @throws errors that are not Stripe's, e.g. of an unavailable database; the run continues later
   */
  async run(id: string, control: RunControl): Promise<Reconciliation> {
    const run = await this.reconciliations.findOneByOrFail({ id });
    if (run.status !== 'running') return run;
    try {
      return await this.walk(run, control);
    } catch (error) {
      const end = endOf(error);
      if (!end) throw error;
      this.logger.error({ event: 'reconciliation not complete', reconciliationId: id, ...end, error });
      return this.end(id, end.status, end.reason);
    }
  }

  /** Ends a running run. It can be resumed. */
  async end(id: string, status: 'incomplete' | 'failed', reason: string): Promise<Reconciliation> {
    const finishedAt = new Date();
    await this.reconciliations.update({ id, status: 'running' }, { status, reason, finishedAt });
    return this.reconciliations.findOneByOrFail({ id });
  }

  private async walk(from: Reconciliation, { isStopped, onPage }: RunControl): Promise<Reconciliation> {
    let run = from;
    let listed = new Set<string>();
    let fetching = this.fetch(run, run);
    while (run.status === 'running' && !isStopped()) {
      const page = await fetching;
      const next = cursorAfter(page);
      if (next.phase !== 'done') fetching = this.fetch(run, next);
      for (const { id } of page.objects) listed.add(id);
      const extras =
        page.cursor.phase === 'customers' ? await this.detector.findExtras(run, page, listed) : [];
      const advanced = await this.pages.settle(run, page, extras, next);
      if (!advanced) return this.reconciliations.findOneByOrFail({ id: run.id });
      run = advanced;
      listed = idsOfLastSecond(page, listed);
      onPage?.(run);
    }
    return run;
  }

  /** The error of a page that was fetched ahead and is not needed is ignored. */
  private fetch(run: Reconciliation, cursor: Cursor): Promise<StripePage> {
    const fetching = this.lists.fetch(run, cursor);
    fetching.catch(() => undefined);
    return fetching;
  }
}

function cursorAfter({ cursor, objects, hasMore }: StripePage): Cursor {
  const last = objects.at(-1);
  if (hasMore && last) {
    return { phase: cursor.phase, position: last.id, positionCreatedAt: new Date(last.created * 1000) };
  }
  const phase = cursor.phase === 'done' ? 'done' : NEXT_PHASE[cursor.phase];
  return { phase, position: null, positionCreatedAt: null };
}

/**
 * The ids of the last second on this page. The next page may begin within that second, so these customers are
 * not missing there.
 */
function idsOfLastSecond({ objects }: StripePage, listed: ReadonlySet<string>): Set<string> {
  const last = objects.at(-1)?.created;
  const isAllOfOneSecond = objects[0]?.created === last;
  const ids = objects.filter(({ created }) => created === last).map(({ id }) => id);
  return new Set(isAllOfOneSecond ? [...listed, ...ids] : ids);
}

/** How an error ends the run; null if it does not. */
function endOf(error: unknown): { status: 'incomplete' | 'failed'; reason: string } | null {
  if (error instanceof StripeUnavailable) return { status: 'incomplete', reason: error.reason };
  if (error instanceof TooManyExtras) return { status: 'incomplete', reason: 'too_many_extra' };
  if (error instanceof Stripe.errors.StripeAuthenticationError)
    return { status: 'failed', reason: 'key_refused' };
  if (error instanceof Stripe.errors.StripePermissionError)
    return { status: 'failed', reason: 'permission_missing' };
  if (error instanceof Stripe.errors.StripeError) return { status: 'failed', reason: 'refused_by_stripe' };
  return null;
}

import type { WriteStream } from 'node:tty';
import type { DriftCounts, Reconciliation } from '../../webhooks/reconciliation/reconciliation.entity.js';

const BAR_WIDTH = 24;
/** The interval of lines if the output is no terminal. */
const LINE_EVERY_MS = 5000;

/** Shows the progress of a run: a bar in a terminal, plain lines elsewhere. */
export class ProgressDisplay {
  private lastLineAt = -Infinity;

  constructor(private readonly out: Pick<WriteStream, 'write'> & { isTTY?: boolean }) {}

  show(run: Reconciliation): void {
    if (this.out.isTTY) {
      const done = Math.round(shareOf(run) * BAR_WIDTH);
      this.out.write(`\r\u001B[K${'█'.repeat(done)}${'░'.repeat(BAR_WIDTH - done)} ${describe(run)}`);
    } else if (performance.now() - this.lastLineAt >= LINE_EVERY_MS) {
      this.lastLineAt = performance.now();
      this.out.write(`${describe(run)}\n`);
    }
  }

  /** Ends the line of the bar. */
  end(): void {
    if (this.out.isTTY) this.out.write('\n');
  }
}

/**
 * Estimates the progress by time: Stripe does not report the number of objects, but its lists go back in time
 * through the whole range.
 */
function shareOf({ phase, since, until, positionCreatedAt }: Reconciliation): number {
  if (phase === 'done') return 1;
  if (!since || !positionCreatedAt) return 0;
  const range = until.getTime() - since.getTime();
  return range <= 0 ? 1 : Math.min(1, (until.getTime() - positionCreatedAt.getTime()) / range);
}

const LISTS = {
  undelivered_events: 'undelivered events',
  events: 'events',
  customers: 'customers',
  subscriptions: 'subscriptions',
  invoices: 'invoices',
  disputes: 'disputes',
  done: 'done',
};

function describe({ phase, positionCreatedAt, counts }: Reconciliation): string {
  const back = positionCreatedAt ? `, back to ${positionCreatedAt.toISOString().slice(0, 16)}Z` : '';
  const sumOf = (count: (each: DriftCounts) => number) =>
    Object.values(counts).reduce((sum, each) => sum + count(each), 0);
  const found = sumOf(({ missing, extra, different }) => missing + extra + different);
  const repaired = sumOf((each) => each.repaired);
  const checked = Object.entries(counts).flatMap(([list, { checked: some }]) =>
    some > 0 ? `${some} ${list}` : [],
  );
  return `${LISTS[phase]}${back}: ${checked.join(', ') || 'nothing'} checked, ${found} found, ${repaired} repaired`;
}

import type { WriteStream } from 'node:tty';
import type { Reconciliation } from '../../webhooks/reconciliation/reconciliation.entity.js';

const BAR_WIDTH = 24;
/** Where nobody watches, a line now and then is enough. */
const LINE_EVERY_MS = 5000;

/** How far a run has come: a bar that moves in a terminal, plain lines elsewhere. */
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

  /** Leaves the line of the bar. */
  end(): void {
    if (this.out.isTTY) this.out.write('\n');
  }
}

/** Stripe does not tell how much there is, but its lists go back in time, through the whole of the range. */
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
  done: 'done',
};

function describe({ phase, positionCreatedAt, counts: { events, customers } }: Reconciliation): string {
  const back = positionCreatedAt ? `, back to ${positionCreatedAt.toISOString().slice(0, 16)}Z` : '';
  const found = [events, customers].reduce(
    (sum, { missing, extra, different }) => sum + missing + extra + different,
    0,
  );
  const repaired = events.repaired + customers.repaired;
  const checked = `${events.checked} events and ${customers.checked} customers checked`;
  return `${LISTS[phase]}${back}: ${checked}, ${found} found, ${repaired} repaired`;
}

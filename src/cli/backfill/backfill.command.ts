import type { INestApplicationContext } from '@nestjs/common';
import { Reconciler } from '../../webhooks/reconciliation/reconciler.service.js';
import type { Reconciliation } from '../../webhooks/reconciliation/reconciliation.entity.js';
import { ReconciliationsService } from '../../webhooks/reconciliation/reconciliations.service.js';
import type { BackfillArguments } from './backfill-arguments.js';
import { ProgressDisplay } from './progress-display.js';
import { toReport } from './report.js';

const INTERRUPTED = 130;

/**
 * Carries out a backfill in this process. Ctrl-C ends it after the page at hand; it can be resumed.
 * @returns the exit code: 0 only when it is complete
 */
export async function backfill(app: INestApplicationContext, args: BackfillArguments): Promise<number> {
  const reconciliations = app.get(ReconciliationsService);
  const run =
    'resume' in args
      ? await reconciliations.resume(args.resume, 'cli')
      : await reconciliations.start(args, 'cli');
  process.stderr.write(`Backfill ${run.id} (to go on with it: --resume ${run.id})\n`);
  const interruption = listenForInterruption();
  const ended = await walk(app.get(Reconciler), run, interruption);
  process.stdout.write(`${toReport(ended)}\n`);
  if (ended.status === 'complete') return 0;
  if (ended.status === 'cancelled') return 1;
  if (ended.phase !== 'done') process.stderr.write(`To go on: backfill --resume ${run.id}\n`);
  return interruption.aborted ? INTERRUPTED : 1;
}

async function walk(
  reconciler: Reconciler,
  { id }: Reconciliation,
  interruption: AbortSignal,
): Promise<Reconciliation> {
  const display = new ProgressDisplay(process.stderr);
  try {
    const run = await reconciler.run(id, {
      isStopped: () => interruption.aborted,
      onPage: (progress) => display.show(progress),
    });
    if (run.status !== 'running') return run;
    return interruption.aborted ? await reconciler.end(id, 'incomplete', 'interrupted') : run;
  } catch (error) {
    await reconciler.end(id, 'incomplete', 'broken_off').catch(() => undefined);
    throw error;
  } finally {
    display.end();
  }
}

/** The first signal asks for an end, the second one is an end. */
function listenForInterruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      process.stderr.write('\nEnding after this page\n');
      controller.abort();
    });
  }
  return controller.signal;
}

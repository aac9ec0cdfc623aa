import type { INestApplicationContext } from '@nestjs/common';
import { Reconciler } from '../../webhooks/reconciliation/reconciler.service.js';
import type { Reconciliation } from '../../webhooks/reconciliation/reconciliation.entity.js';
import { ReconciliationsService } from '../../webhooks/reconciliation/reconciliations.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';
import { ProgressDisplay } from './progress-display.js';
import { toReport } from './report.js';

/** The arguments of `backfill`. */
export type BackfillArguments = { resume: string } | { since: Date; notify: boolean; dryRun: boolean };

/**
 * Runs a backfill in this process. Ctrl-C ends it after the current page; it can be resumed.
 * @returns the exit code: 0 only if it is complete
 */
export async function backfill(
  app: INestApplicationContext,
  args: BackfillArguments,
  output: Output,
): Promise<number> {
  const reconciliations = app.get(ReconciliationsService);
  const run =
    'resume' in args
      ? await reconciliations.resume(args.resume, 'cli')
      : await reconciliations.start(args, 'cli');
  output.note(`Backfill ${run.id} (to continue: --resume ${run.id})`);
  const interruption = listenForInterruption();
  const ended = await walk(app.get(Reconciler), run, interruption.signal).finally(interruption.stop);
  output.line(toReport(ended));
  output.document(ended);
  if (ended.status === 'complete') return EXIT.done;
  if (ended.status === 'cancelled') return EXIT.failed;
  if (ended.phase !== 'done') output.note(`To continue: mingus backfill --resume ${run.id}`);
  return interruption.signal.aborted ? EXIT.interrupted : EXIT.failed;
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

/** The first signal ends the run after the current page, the second one ends the process. */
function listenForInterruption(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write('\nEnding after this page\n');
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  const stop = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  return { signal: controller.signal, stop };
}

import type { Command } from 'commander';
import type { Declare } from '../task.js';

export function declareSuppressions(program: Command, declare: Declare): void {
  const suppressions = program.command('suppressions').description('review suppressed addresses');
  declare(
    suppressions
      .command('review')
      .description(
        'Lists the addresses that were suppressed as hard bounces with less evidence than the present rules require: id, time, source, address. Changes nothing without --lift.',
      )
      .option(
        '--lift',
        'remove them from the list: they get new mail again, but not the messages suppressed before',
      )
      .addHelpText('after', '\nExample:\n  mingus suppressions review --json'),
    ({ lift = false }: { lift?: boolean }) => ({
      args: { isLift: lift },
      load: async () => (await import('./suppressions.command.js')).reviewSuppressions,
    }),
  );
}

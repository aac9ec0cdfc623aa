import type { Command } from 'commander';
import { toTime, toUuid, wholeNumber } from '../argument-rules.js';
import type { Declare } from '../task.js';
import type { BackfillArguments } from './backfill.command.js';

interface Options {
  since?: Date;
  notify?: 'none' | 'all';
  dryRun?: boolean;
  resume?: string;
  rate?: number;
}

const RATE_MAX = 100;

export function declareBackfill(program: Command, declare: Declare): void {
  const backfill = program.command('backfill');
  backfill
    .description('compare with Stripe and repair the differences')
    .option(
      '--since <date>',
      'only objects that Stripe created since then, and events (30 days at most)',
      toTime,
    )
    .addOption(
      backfill
        .createOption(
          '--notify <who>',
          'whether customers that are set up get their messages (default: none)',
        )
        .choices(['none', 'all']),
    )
    .option('--dry-run', 'report the differences, change nothing')
    .addOption(
      backfill
        .createOption('--resume <id>', 'continue a backfill that is not complete')
        .argParser(toUuid)
        .conflicts(['since', 'notify', 'dryRun']),
    )
    .option(
      '--rate <calls>',
      'calls to Stripe a second; 0 is no limit (default: STRIPE_RATE_LIMIT)',
      wholeNumber(0, RATE_MAX),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  mingus backfill --since 2026-10-01 --dry-run\n  mingus backfill --since 2026-10-01T08:00:00Z --notify all\n  mingus backfill --resume 01a20d9b-c387-7000-8000-0755b15c6378',
    );
  declare(backfill, (options: Options, command: Command) => ({
    args: toArguments(options, command),
    ...(options.rate === undefined ? {} : { environment: { STRIPE_RATE_LIMIT: String(options.rate) } }),
    load: async () => (await import('./backfill.command.js')).backfill,
  }));
}

function toArguments(
  { since, notify, dryRun = false, resume }: Options,
  command: Command,
): BackfillArguments {
  if (resume !== undefined) return { resume };
  if (since === undefined) return command.error('error: give --since <date>, or --resume <id>');
  if (since > new Date()) return command.error('error: --since is in the future');
  return { since, notify: notify === 'all', dryRun };
}

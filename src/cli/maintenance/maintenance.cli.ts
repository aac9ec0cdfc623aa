import type { Command } from 'commander';
import type { Declare } from '../task.js';

export function declareMaintenance(program: Command, declare: Declare): void {
  declare(
    program
      .command('migrate')
      .description('bring the schema of DATABASE_URL up to date, once per release')
      .option('--revert', 'undo the newest migration, to go back to an older release'),
    ({ revert = false }: { revert?: boolean }) => ({
      args: { isRevert: revert },
      loadAlone: async () => (await import('./migrate.command.js')).migrate,
    }),
  );
  declare(
    program
      .command('purge')
      .description('remove data past their retention now, as two jobs do every night')
      .addHelpText(
        'after',
        '\nThe limits are WEBHOOK_RETENTION_DAYS and RETENTION_DAYS. Lower them for one run to make room:\n  WEBHOOK_RETENTION_DAYS=30 mingus purge',
      ),
    () => ({ args: {}, load: async () => (await import('./purge.command.js')).purge }),
  );
  declare(
    program
      .command('hold-messages')
      .description('hold all queued messages and deliveries, after the database was restored from a backup')
      .addHelpText('after', '\nSome of them were sent after the backup was made.'),
    () => ({ args: {}, load: async () => (await import('./hold-messages.command.js')).holdMessages }),
  );
}

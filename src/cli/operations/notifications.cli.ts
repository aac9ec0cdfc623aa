import type { Command } from 'commander';
import type { BulkFilter } from '../../notifications/notification-bulk.service.js';
import { CHANNELS, NOTIFICATION_KINDS } from '../../notifications/notification-kind.js';
import { assertGiven, matching } from '../argument-rules.js';
import type { Declare } from '../task.js';
import type { NotificationsArguments } from './notifications.command.js';

type Options = BulkFilter & { dryRun?: boolean };

/** The acts with the states that allow them. Sent notifications are resent one by one, by their ids. */
const ACTS = [
  {
    act: 'release',
    states: ['held', 'failed', 'queued'],
    says: 'sends messages from the start of their schedule',
  },
  { act: 'cancel', states: ['held', 'queued'], says: 'keeps messages from being sent' },
] as const;

export function declareNotifications(program: Command, declare: Declare): void {
  const notifications = program
    .command('notifications')
    .description('release or cancel many messages')
    .addHelpText(
      'after',
      '\nEach message has its own entry in the audit. One that cannot be changed is left as it is and counted by its reason.\n\nExample:\n  mingus notifications release --status held --reason restored_backup --dry-run',
    );
  for (const { act, states, says } of ACTS) {
    const command = notifications.command(act);
    command
      .description(says)
      .addOption(command.createOption('--status <status>', 'their status').choices(states))
      .option('--reason <reason>', 'their reason: restored_backup, unknown_outcome, recipient_cap, …')
      .addOption(command.createOption('--kind <kind>', 'their kind').choices(NOTIFICATION_KINDS))
      .addOption(command.createOption('--channel <channel>', 'their channel').choices(CHANNELS))
      .option('--address <address>', 'only of customers with this address', toAddress)
      .option('--segment <name>', 'only of the members of this segment')
      .option('--dry-run', 'print the ids, change nothing');
    declare(command, ({ dryRun = false, ...options }: Options, given: Command) => {
      assertGiven(given, 'status');
      const { status, reason, kind, channel, address, segment } = options;
      return {
        args: {
          act,
          filter: { status, reason, kind, channel, address, segment },
          isDryRun: dryRun,
        } satisfies NotificationsArguments,
        load: async () => (await import('./notifications.command.js')).changeNotifications,
      };
    });
  }
}

const toAddress = matching(/^[^\s@]+@[^\s@]+$/, 'It must be an email address.');

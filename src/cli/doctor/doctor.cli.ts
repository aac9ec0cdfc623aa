import type { Command } from 'commander';
import type { Declare } from '../task.js';

export function declareDoctor(program: Command, declare: Declare): void {
  declare(
    program
      .command('doctor')
      .description('check the configuration, the database, the mail server, Stripe and this machine')
      .addHelpText(
        'after',
        '\nPrints what to correct. Changes nothing, and prints no secret. Exit code 1: there is a problem.',
      ),
    () => ({ args: {}, loadAlone: async () => (await import('./doctor.command.js')).doctor }),
  );
}

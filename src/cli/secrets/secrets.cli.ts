import type { Command } from 'commander';
import type { Declare } from '../task.js';

export function declareSecrets(program: Command, declare: Declare): void {
  const secrets = program.command('secrets').description('stored secrets of connectors');
  declare(
    secrets
      .command('rotate')
      .description('encrypts all stored secrets with the first key of SECRETS_KEYS')
      .addHelpText(
        'after',
        '\nPut a new key in front of SECRETS_KEYS, restart all processes, run this, and remove the old key.',
      ),
    () => ({ args: {}, load: async () => (await import('./secrets.command.js')).rotateSecrets }),
  );
}

import type { Command } from 'commander';
import { KEY_NAME, KEY_NAME_RULE, WEEK_SECONDS } from '../../access/api-key-rules.js';
import { type Role, ROLES } from '../../platform/caller.js';
import { assertGiven, matching, toTime, toUuid, wholeNumber } from '../argument-rules.js';
import type { Declare } from '../task.js';

interface CreateOptions {
  name: string;
  role: Role;
  expires?: Date;
}

export function declareKeys(program: Command, declare: Declare): void {
  const keys = program
    .command('keys')
    .description('create, list, rotate and revoke keys of the API')
    .addHelpText(
      'after',
      '\nExamples:\n  mingus keys create --name "Ada - support" --role operator\n  mingus keys rotate 01a20d9b-c387-7000-8000-0755b15c6378 --grace 0',
    );
  declareCreate(keys, declare);
  declare(keys.command('list').description('lists all keys'), () => ({
    args: {},
    load: async () => (await import('./keys.command.js')).listKeys,
  }));
  declare(
    keys
      .command('rotate')
      .description('replaces a key by a new one and prints it, once')
      .argument('<id>', 'the id of the key (see: mingus keys list)', toUuid)
      .option('--grace <seconds>', 'how long the old key still works', wholeNumber(0, WEEK_SECONDS), 3600),
    (id: string, { grace: graceSeconds }: { grace: number }) => ({
      args: { id, graceSeconds },
      load: async () => (await import('./keys.command.js')).rotateKey,
    }),
  );
  declare(
    keys
      .command('revoke')
      .description('ends a key at once')
      .argument('<id>', 'the id of the key (see: mingus keys list)', toUuid),
    (id: string) => ({ args: { id }, load: async () => (await import('./keys.command.js')).revokeKey }),
  );
}

function declareCreate(keys: Command, declare: Declare): void {
  const create = keys.command('create').description('creates a key and prints it, once');
  create
    .option('--name <name>', 'who or what uses the key', matching(KEY_NAME, `The ${KEY_NAME_RULE}.`))
    .addOption(
      create
        .createOption(
          '--role <role>',
          'viewer reads, operator acts, admin manages keys and erasure, service is the MINGUS application',
        )
        .choices(ROLES),
    )
    .option(
      '--expires <time>',
      'when the key expires, such as 2027-01-01T00:00:00Z (default: never)',
      toTime,
    );
  declare(create, ({ name, role, expires: expiresAt }: CreateOptions, command: Command) => {
    assertGiven(command, 'name', 'role');
    return {
      args: { name, role, ...(expiresAt ? { expiresAt } : {}) },
      load: async () => (await import('./keys.command.js')).createKey,
    };
  });
}

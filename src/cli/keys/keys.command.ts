import type { INestApplicationContext } from '@nestjs/common';
import { ApiKeys } from '../../access/api-keys.service.js';
import type { ApiKeyDto, NewApiKeyDto } from '../../access/api-key.dto.js';
import type { KeysArguments } from './keys-arguments.js';

/** Does it, and prints a line for each key. @returns the exit code */
export async function manageKeys(app: INestApplicationContext, args: KeysArguments): Promise<number> {
  const keys = app.get(ApiKeys);
  switch (args.act) {
    case 'create':
      return printNew(await keys.create(args.request));
    case 'rotate':
      return printNew(await keys.rotate(args.id, args.graceSeconds));
    case 'revoke':
      return print([await keys.revoke(args.id)]);
    case 'list':
      return list(keys);
  }
}

async function list(keys: ApiKeys): Promise<number> {
  let cursor: string | undefined;
  do {
    const page = await keys.list({ limit: 100, cursor });
    print(page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return 0;
}

function printNew(created: NewApiKeyDto): number {
  print([created]);
  process.stdout.write(`${created.key}\n`);
  process.stderr.write('Keep it now: it is not shown again.\n');
  return 0;
}

function print(keys: readonly ApiKeyDto[]): number {
  for (const { id, name, role, prefix, expiresAt, revokedAt, lastUsedAt } of keys) {
    const told = [
      ['expires', expiresAt],
      ['revoked', revokedAt],
      ['used', lastUsedAt],
    ].flatMap(([what, at]) => (at instanceof Date ? [`${what} ${at.toISOString()}`] : []));
    process.stdout.write(`${[id, prefix, role, name, ...told].join('  ')}\n`);
  }
  return 0;
}

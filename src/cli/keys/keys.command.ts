import type { INestApplicationContext } from '@nestjs/common';
import type { ApiKeyDto, CreateApiKeyDto, NewApiKeyDto } from '../../access/api-key.dto.js';
import { ApiKeys } from '../../access/api-keys.service.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

/** Creates a key and prints it. */
export async function createKey(
  app: INestApplicationContext,
  request: CreateApiKeyDto,
  output: Output,
): Promise<number> {
  return printNew(await app.get(ApiKeys).create(request), output);
}

/** Replaces a key and prints the new one. */
export async function rotateKey(
  app: INestApplicationContext,
  { id, graceSeconds }: { id: string; graceSeconds: number },
  output: Output,
): Promise<number> {
  return printNew(await app.get(ApiKeys).rotate(id, graceSeconds), output);
}

/** Revokes a key. */
export async function revokeKey(
  app: INestApplicationContext,
  { id }: { id: string },
  output: Output,
): Promise<number> {
  const key = await app.get(ApiKeys).revoke(id);
  output.line(lineOf(key));
  output.document(key);
  return EXIT.done;
}

/** Prints a line for each key. */
export async function listKeys(app: INestApplicationContext, _args: object, output: Output): Promise<number> {
  const keys: ApiKeyDto[] = [];
  let cursor: string | undefined;
  do {
    const page = await app.get(ApiKeys).list({ limit: 100, cursor });
    keys.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  for (const key of keys) output.line(lineOf(key));
  output.document(keys);
  return EXIT.done;
}

function printNew(created: NewApiKeyDto, output: Output): number {
  output.line(lineOf(created));
  output.line(created.key);
  output.document(created);
  output.note('Save this key now: it is not shown again.');
  return EXIT.done;
}

function lineOf({ id, name, role, prefix, expiresAt, revokedAt, lastUsedAt }: ApiKeyDto): string {
  const times = [
    ['expires', expiresAt],
    ['revoked', revokedAt],
    ['used', lastUsedAt],
  ].flatMap(([what, at]) => (at instanceof Date ? [`${what} ${at.toISOString()}`] : []));
  return [id, prefix, role, name, ...times].join('  ');
}

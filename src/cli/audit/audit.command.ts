import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { INestApplicationContext } from '@nestjs/common';
import { AuditVerifier } from '../../audit/seals/audit-verifier.service.js';
import { type ExportedHead, toHead } from '../../audit/seals/exported-head.js';
import { AppConfig } from '../../platform/config/app-config.js';
import type { AuditArguments } from './audit-arguments.js';

const TAMPERED = 3;

/**
 * Verifies the audit trail and tells what does not hold, a line each.
 * @returns the exit code: 0 when all of it holds, else 3
 */
export async function verifyAudit(app: INestApplicationContext, args: AuditArguments): Promise<number> {
  const configured = app.get(AppConfig).audit.headsFile;
  const headsFile = args.headsFile ?? (configured && existsSync(configured) ? configured : undefined);
  const verification = await app
    .get(AuditVerifier)
    .verify(allHeads(args.heads, headsFile), ({ kind, text }) => process.stdout.write(`${kind}: ${text}\n`));
  const { seals, entries, erased, unsealed, findings, head } = verification;
  process.stdout.write(
    `${entries} entries in ${seals} seals (${erased} without their personal values, which were erased); ` +
      `${unsealed} wait for the next seal\nHead ${head.id}:${head.hash}\n` +
      `${findings === 0 ? 'The trail is as it was written' : `TAMPERED WITH: ${findings} findings`}\n`,
  );
  return findings === 0 ? 0 : TAMPERED;
}

async function* allHeads(given: readonly ExportedHead[], file?: string): AsyncGenerator<ExportedHead> {
  yield* given;
  if (file === undefined) return;
  let isEmpty = true;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const head = toHead(line);
    if (!head) continue;
    isEmpty = false;
    yield head;
  }
  if (isEmpty) throw new Error(`There is no head in ${file}`);
}

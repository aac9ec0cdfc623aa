import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { INestApplicationContext } from '@nestjs/common';
import { AuditVerifier } from '../../audit/seals/audit-verifier.service.js';
import { type ExportedHead, toHead } from '../../audit/seals/exported-head.js';
import { AuditSettings } from '../../audit/audit.settings.js';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

export interface AuditArguments {
  /** Heads to compare the trail with. */
  head?: ExportedHead[];
  /** A file of heads; `AUDIT_HEADS_FILE` if it is missing. */
  heads?: string;
}

/** Verifies the audit trail and prints each finding. */
export async function verifyAudit(
  app: INestApplicationContext,
  { head: given = [], heads: file }: AuditArguments,
  output: Output,
): Promise<number> {
  const configured = app.get(AuditSettings).headsFile;
  const headsFile = file ?? (configured && existsSync(configured) ? configured : undefined);
  const found: object[] = [];
  const verification = await app.get(AuditVerifier).verify(allHeads(given, headsFile), ({ kind, text }) => {
    output.line(`${kind}: ${text}`);
    if (output.isJson) found.push({ kind, text });
  });
  const { seals, entries, erased, unsealed, findings, head } = verification;
  output.line(
    `${entries} entries in ${seals} seals (${erased} without their personal values, which were erased); ${unsealed} wait for the next seal`,
  );
  output.line(`Head ${head.id}:${head.hash}`);
  output.line(findings === 0 ? 'The audit trail is unchanged' : `TAMPERED WITH: ${findings} findings`);
  output.document({ ...verification, found });
  return findings === 0 ? EXIT.done : EXIT.tampered;
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

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ExportedHead, toHead } from '../../audit/seals/exported-head.js';
import { InvalidArguments } from '../command.js';

/** What `audit verify` is to compare with. */
export interface AuditArguments {
  heads: ExportedHead[];
  /** A file of heads; `AUDIT_HEADS_FILE` when missing. */
  headsFile?: string;
}

export const AUDIT_USAGE = `Usage: audit verify [--head <seal>:<hash>]… [--heads <file>]

Finds audit entries that were changed, deleted, swapped or inserted after they had been sealed; and with
exported heads also whether the whole trail was rewritten. Changes nothing.

  --head   a head as the log has it; can be given several times
  --heads  a file of heads, one at the end of each line (default: AUDIT_HEADS_FILE)

Exit code 0: the trail is as it was written. 3: it is not. 1: it could not be read. 2: bad arguments.`;

/** @throws InvalidArguments */
export function parseAuditArguments(args: readonly string[]): AuditArguments {
  const { positionals, values } = readArguments(args);
  if (positionals.length !== 1 || positionals[0] !== 'verify')
    throw new InvalidArguments('unknown_act', 'audit can only verify');
  if (values.heads !== undefined && !existsSync(values.heads))
    throw new InvalidArguments('heads_not_found', '--heads names no file');
  return { heads: (values.head ?? []).map(toGivenHead), headsFile: values.heads };
}

function toGivenHead(text: string): ExportedHead {
  const head = toHead(text);
  if (!head || /\s/.test(text))
    throw new InvalidArguments('invalid_head', '--head must be the number of a seal, a colon and its hash');
  return head;
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { head: { type: 'string', multiple: true }, heads: { type: 'string' } },
    });
  } catch (error) {
    throw new InvalidArguments('unknown_argument', (error as Error).message.split('. ')[0] ?? '');
  }
}

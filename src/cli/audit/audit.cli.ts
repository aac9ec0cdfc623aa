import { existsSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { type ExportedHead, toHead } from '../../audit/seals/exported-head.js';
import type { Declare } from '../task.js';
import type { AuditArguments } from './audit.command.js';

export function declareAudit(program: Command, declare: Declare): void {
  const audit = program.command('audit').description('verify the audit trail');
  declare(
    audit
      .command('verify')
      .description(
        'Finds audit entries that were changed, deleted, swapped or inserted after they were sealed. With exported heads it also finds a trail that was rewritten as a whole. Changes nothing.',
      )
      .option('--head <seal:hash>', 'a head as the log has it; can be repeated', toHeads)
      .option(
        '--heads <file>',
        'a file with a head at the end of each line (default: AUDIT_HEADS_FILE)',
        toFile,
      )
      .addHelpText('after', '\nExample:\n  mingus audit verify --heads /mnt/elsewhere/audit-heads.log'),
    (args: AuditArguments) => ({
      args,
      load: async () => (await import('./audit.command.js')).verifyAudit,
    }),
  );
}

function toHeads(text: string, before: ExportedHead[] = []): ExportedHead[] {
  const head = toHead(text);
  if (!head || /\s/.test(text))
    throw new InvalidArgumentError('It must be the number of a seal, a colon and its hash.');
  return [...before, head];
}

function toFile(path: string): string {
  if (!existsSync(path)) throw new InvalidArgumentError('There is no such file.');
  return path;
}

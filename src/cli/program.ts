import { Command } from 'commander';
import { releaseVersion } from '../platform/version.js';
import { declareAudit } from './audit/audit.cli.js';
import { declareBackfill } from './backfill/backfill.cli.js';
import { declareDoctor } from './doctor/doctor.cli.js';
import { declareKeys } from './keys/keys.cli.js';
import { declareMaintenance } from './maintenance/maintenance.cli.js';
import { declareOperations } from './operations/operations.cli.js';
import { declarePredictions } from './predictions/predictions.cli.js';
import { declareSecrets } from './secrets/secrets.cli.js';
import { declareSuppressions } from './suppressions/suppressions.cli.js';
import type { Declare, Task } from './task.js';

const DESCRIPTION =
  'Operates a MINGUS customer onboarding service. Settings come from the environment and from .env.';

/** Wide enough for one line per command. */
const WIDTH = 120;

const EXIT_CODES = `
Exit codes:
  0    done
  1    failed, or doctor found a problem
  2    the command line is wrong
  3    audit verify found that the trail was changed
  130  interrupted`;

/** The request of a command line. */
export interface Request {
  task: Task;
  isJson: boolean;
}

/**
 * Reads a command line. Prints help, or the error of the line.
 * @throws CommanderError instead of ending the process
 */
export function readCommandLine(args: readonly string[]): Request {
  let request: Request | undefined;
  const program = new Command('mingus')
    .description(DESCRIPTION)
    .version(releaseVersion())
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({ getOutHelpWidth: () => WIDTH, getErrHelpWidth: () => WIDTH })
    .exitOverride()
    .showHelpAfterError()
    .addHelpText('after', EXIT_CODES);
  const declare: Declare = (command, toTask) => {
    command.option('--json', 'print the result as JSON').action((...given: unknown[]) => {
      request = { task: toTask(...given), isJson: command.opts<{ json?: boolean }>().json === true };
    });
  };
  declareMaintenance(program, declare);
  declareDoctor(program, declare);
  declareKeys(program, declare);
  declareSecrets(program, declare);
  declareOperations(program, declare);
  declareSuppressions(program, declare);
  declarePredictions(program, declare);
  declareBackfill(program, declare);
  declareAudit(program, declare);
  program.parse(args.length === 0 ? ['--help'] : args, { from: 'user' });
  if (!request) throw new Error('The command line names no command');
  return request;
}

/** The term in a list: only the name in the list of all commands, also the arguments in that of a group. */
function termOf(command: Command): string {
  const usage = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}${argument.variadic ? '...' : ''}]`,
  );
  return [command.name(), ...usage].join(' ');
}

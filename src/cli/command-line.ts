import { hostname, userInfo } from 'node:os';
import { CommanderError } from 'commander';
import type { Caller } from '../platform/caller.js';
import { causedBy } from '../platform/cause.js';
import type { Environment } from '../platform/settings/settings.js';
import { terminalTextOf } from '../platform/terminal-text.js';
import { Output } from './output.js';
import { readCommandLine } from './program.js';
import { type ApplicationTask, EXIT } from './task.js';

/**
 * Runs one command. Prints its result, or its error.
 * @param environmentOf gives the variables once the command line has been read
 * @returns the exit code
 */
export async function runCommandLine(
  args: readonly string[],
  environmentOf: () => NodeJS.ProcessEnv,
): Promise<number> {
  try {
    const { task, isJson } = readCommandLine(args);
    const output = new Output(isJson);
    const given = { LOG_LEVEL: 'warn', ...environmentOf() };
    if ('loadAlone' in task) return await (await task.loadAlone())(given, task.args, output);
    const { environment, stop } = await prepare(given);
    try {
      return await run(task, environment, output);
    } finally {
      await stop();
    }
  } catch (error) {
    return exitCodeOf(error);
  }
}

/**
 * Outside production only the database is needed, because commands do not serve requests or send mail. It can
 * be the embedded one if no service uses it.
 */
async function prepare(
  given: NodeJS.ProcessEnv,
): Promise<{ environment: Environment; stop: () => Promise<void> }> {
  const { readEnvironment, SETTINGS, withPlaceholders } = await import('../settings.js');
  const environment = readEnvironment(given);
  if (environment.DATABASE_URL) {
    return { environment: withPlaceholders(environment), stop: async () => undefined };
  }
  const { variablesOf } = await import('../platform/settings/environment.js');
  const { startDevelopmentServices } = await import('../platform/development/development-services.js');
  return startDevelopmentServices(environment, variablesOf(SETTINGS));
}

async function run(task: ApplicationTask, environment: Environment, output: Output): Promise<number> {
  const { createContext } = await import('../context.js');
  const work = await task.load();
  const app = await createContext({ ...environment, ...task.environment });
  try {
    return await causedBy({ caller: caller() }, () => work(app, task.args, output));
  } finally {
    await app.close();
  }
}

/**
 * The caller of a command. The audit shows the account on this machine. A person with access to the command
 * line has access to the database.
 */
function caller(): Caller {
  const account = process.env.SUDO_USER ?? userInfo().username;
  return { type: 'operator', id: 'cli', name: `${account}@${hostname()} (command line)`, role: 'admin' };
}

/** commander has already printed the help or the error. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  process.stderr.write(`${terminalTextOf(error)}\n`);
  return EXIT.failed;
}

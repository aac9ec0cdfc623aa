import { existsSync } from 'node:fs';
import type { Caller } from '../platform/access/caller.js';
import { causedBy } from '../platform/cause.js';
import { type Environment, readEnvironment } from '../platform/config/environment.js';
import { terminalTextOf } from '../platform/terminal-text.js';
import { type ApplicationCommand, InvalidArguments } from './command.js';
import { COMMANDS } from './commands.js';

const BAD_ARGUMENTS = 2;

/** Whoever can run this has the database. */
const CLI: Caller = { type: 'operator', id: 'cli', name: 'command line', role: 'admin' };

/** Nothing is served, mailed or received here: what only that needs may be missing outside production. */
const UNUSED: Partial<Environment> = {
  STRIPE_WEBHOOK_SECRET: 'whsec_unused',
  ADMIN_API_KEY: 'unused',
  LINK_SIGNING_KEYS: 'unused',
  SMTP_SERVER: 'localhost',
  MAIL_FROM: 'unused@localhost',
  PUBLIC_URL: 'http://localhost',
};

async function main([name = 'help', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (name === 'help' || [name, ...args].includes('--help')) {
    process.stdout.write(`${usageOf(name)}\n`);
    return 0;
  }
  if (!command) throw new InvalidArguments('unknown_command', `Unknown command: ${name}`);
  const prepared = command.prepare(args);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const given = { LOG_LEVEL: 'warn', ...process.env };
  if ('runAlone' in prepared) return prepared.runAlone(given);
  const { environment, stop } = await prepare(readEnvironment(given));
  try {
    return await run(prepared, environment);
  } finally {
    await stop();
  }
}

/** Outside production the database may be the embedded one, as long as no service has it. */
async function prepare(
  environment: Environment,
): Promise<{ environment: Environment; stop: () => Promise<void> }> {
  const nothing = async () => undefined;
  if (environment.NODE_ENV === 'production') return { environment, stop: nothing };
  if (environment.DATABASE_URL) {
    const given = Object.entries(environment).filter(([, value]) => value !== undefined);
    return { environment: { ...UNUSED, ...Object.fromEntries(given) } as Environment, stop: nothing };
  }
  const { startDevelopmentServices } = await import('../platform/development/development-services.js');
  return startDevelopmentServices(environment);
}

async function run(command: ApplicationCommand, environment: Environment): Promise<number> {
  const { AppConfig } = await import('../platform/config/app-config.js');
  const { createContext } = await import('./context.js');
  const app = await createContext(new AppConfig({ ...environment, ...command.environment }));
  try {
    return await causedBy({ caller: CLI }, () => command.run(app));
  } finally {
    await app.close();
  }
}

/** Of the command, or of all when there is none of that name. */
function usageOf(name = ''): string {
  const told = COMMANDS[name] ?? Object.values(COMMANDS);
  return [told]
    .flat()
    .map(({ usage }) => usage)
    .join('\n\n');
}

function explain(error: unknown): { text: string; exitCode: number } {
  if (error instanceof InvalidArguments)
    return {
      text: `${error.code}: ${error.message}\n\n${usageOf(process.argv[2])}`,
      exitCode: BAD_ARGUMENTS,
    };
  if (error instanceof Error && error.constructor.name === 'DomainError')
    return { text: `${(error as Error & { code: string }).code}: ${error.message}`, exitCode: 1 };
  return { text: terminalTextOf(error), exitCode: 1 };
}

main(process.argv.slice(2)).then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    const { text, exitCode } = explain(error);
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  },
);

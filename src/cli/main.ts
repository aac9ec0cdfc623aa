import { existsSync } from 'node:fs';
import { type Environment, readEnvironment } from '../platform/config/environment.js';
import { terminalTextOf } from '../platform/terminal-text.js';
import {
  type BackfillArguments,
  InvalidArguments,
  parseBackfillArguments,
  USAGE,
} from './backfill-arguments.js';

const BAD_ARGUMENTS = 2;

/** Nothing is served, mailed or received here: what only that needs may be missing outside production. */
const UNUSED: Partial<Environment> = {
  STRIPE_WEBHOOK_SECRET: 'whsec_unused',
  ADMIN_API_KEY: 'unused',
  SMTP_SERVER: 'localhost',
  MAIL_FROM: 'unused@localhost',
  PUBLIC_URL: 'http://localhost',
};

async function main([command, ...args]: string[]): Promise<number> {
  if (command === undefined || command === 'help' || [command, ...args].includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (command !== 'backfill') throw new InvalidArguments('unknown_argument', `Unknown command: ${command}`);
  const backfillArguments = parseBackfillArguments(args, new Date());
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { environment, stop } = await prepare(readEnvironment({ LOG_LEVEL: 'warn', ...process.env }));
  try {
    return await runBackfill(environment, backfillArguments);
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

async function runBackfill(environment: Environment, args: BackfillArguments): Promise<number> {
  const { AppConfig } = await import('../platform/config/app-config.js');
  const { createContext } = await import('./context.js');
  const { backfill } = await import('./backfill.command.js');
  const app = await createContext(
    new AppConfig({ ...environment, ...(args.rate === undefined ? {} : { STRIPE_RATE_LIMIT: args.rate }) }),
  );
  try {
    return await backfill(app, args);
  } finally {
    await app.close();
  }
}

function explain(error: unknown): { text: string; exitCode: number } {
  if (error instanceof InvalidArguments)
    return { text: `${error.code}: ${error.message}\n\n${USAGE}`, exitCode: BAD_ARGUMENTS };
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

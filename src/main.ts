import { existsSync } from 'node:fs';
import { readEnvironment } from './settings.js';
import { terminalTextOf } from './platform/terminal-text.js';

const BAD_ARGUMENTS = 2;

const USAGE = `Usage: node dist/main.js

Starts the service. It takes no arguments: environment variables configure it (docs/configuration.md), and a file .env
in the working directory adds those that are not set. SIGTERM or SIGINT stops it in order.

Other commands (migrate, doctor, keys, backfill, ...): mingus --help, or node dist/cli/main.js --help
`;

async function main(args: readonly string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(USAGE);
  if (args.length > 0) {
    process.stderr.write(`Unknown argument '${args[0]}'\n\n${USAGE}`);
    process.exit(BAD_ARGUMENTS);
  }
  if (existsSync('.env')) process.loadEnvFile('.env');
  // Heavy modules are imported after the configuration is checked, so that an invalid one ends the process at
  // once.
  const environment = readEnvironment(process.env);
  const { Service } = await import('./service.js');
  await Service.start(environment);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${terminalTextOf(error)}\n`);
  process.exit(1);
});

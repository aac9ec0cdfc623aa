import { existsSync } from 'node:fs';
import { readEnvironment } from './platform/config/environment.js';
import { terminalTextOf } from './platform/terminal-text.js';

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // Nothing heavy is imported before the configuration holds: a bad one ends the process at once.
  const environment = readEnvironment(process.env);
  const { Service } = await import('./service.js');
  await Service.start(environment);
}

main().catch((error: unknown) => {
  process.stderr.write(`${terminalTextOf(error)}
`);
  process.exit(1);
});

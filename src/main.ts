import { existsSync } from 'node:fs';
import { readEnvironment } from './platform/config/environment.js';

/** Errors whose text is meant for the person at the terminal; a stack would only hide it. */
const FOR_PEOPLE = new Set([
  'InvalidEnvironment',
  'PendingMigrations',
  'SchemaTooNew',
  'DatabaseUnreachable',
  'DataDirInUse',
  'PortTaken',
]);

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  // Nothing heavy is imported before the configuration holds: a bad one ends the process at once.
  const environment = readEnvironment(process.env);
  const { Service } = await import('./service.js');
  await Service.start(environment);
}

main().catch((error: unknown) => {
  const known = error instanceof Error && FOR_PEOPLE.has(error.constructor.name);
  process.stderr.write(`${known ? (error as Error).message : String((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
});

import { readEnvironment } from '../platform/config/environment.js';
import { migrateDatabase } from '../platform/database/migrate.js';
import { InvalidArguments } from './command.js';

/** Runs all pending migrations (ours and the job engine's), under the advisory lock. Needs `DATABASE_URL` alone. */
export async function migrate({ DATABASE_URL }: NodeJS.ProcessEnv): Promise<number> {
  const { DATABASE_URL: url } = readEnvironment({ NODE_ENV: 'test', DATABASE_URL });
  if (url === undefined) throw new InvalidArguments('missing_database', 'DATABASE_URL is not set');
  await migrateDatabase(url);
  process.stdout.write('The schema is up to date\n');
  return 0;
}

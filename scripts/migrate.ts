import { existsSync } from 'node:fs';
import { migrateDatabase } from '../src/platform/database/migrate.js';

/** Runs all pending migrations (ours and the job engine's) on DATABASE_URL, under the advisory lock. */
if (existsSync('.env')) process.loadEnvFile('.env');
const url = process.env.DATABASE_URL;
if (!url) {
  process.stderr.write('DATABASE_URL is not set\n');
  process.exit(1);
}
await migrateDatabase(url);
process.stdout.write('The schema is up to date\n');

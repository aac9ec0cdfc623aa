import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateDatabase } from '../src/platform/database/migrate.js';
import { EmbeddedPostgres } from '../src/platform/development/embedded-postgres.js';

/** Fails when the migrations, run on an empty database, give another schema than the entities describe. */
const dataDir = mkdtempSync(join(tmpdir(), 'mingus-drift-'));
const postgres = await EmbeddedPostgres.start(dataDir, { fsync: 'off' });
try {
  const url = postgres.urlOf('postgres');
  await migrateDatabase(url);
  const { status } = spawnSync(
    'npm',
    ['run', '--silent', 'typeorm', '--', 'migration:generate', '--check', 'Drift'],
    {
      env: { ...process.env, DATABASE_URL: url },
      stdio: 'inherit',
    },
  );
  process.exitCode = status ?? 1;
} finally {
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

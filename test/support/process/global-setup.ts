import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { compileTemplates } from '../../../scripts/compile-templates.js';
import { migrateDatabase } from '../../../src/platform/database/migrate.js';
import { EmbeddedPostgres } from '../../../src/platform/development/embedded-postgres.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the maintenance database; test databases are clones of `template_mingus`. */
    postgresUrl: string;
  }
}

export const TEMPLATE = 'template_mingus';

/** A file system in memory: there, a database is cloned and dropped in a tenth of the time. */
const MEMORY = '/dev/shm';
/** Several times what the databases of a whole run occupy at once. */
const MEMORY_NEEDED = 2 * 1024 ** 3;

/**
 * Compiles the templates, and starts one PostgreSQL for all tests with a migrated template that each test
 * file clones.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compileTemplates();
  const dataDir = mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), 'mingus-test-'));
  const postgres = await EmbeddedPostgres.start(dataDir, {
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '300',
    max_wal_size: '256MB',
  });
  await postgres.createDatabase(TEMPLATE);
  await migrateDatabase(postgres.urlOf(TEMPLATE));
  project.provide('postgresUrl', postgres.urlOf('postgres'));
  return async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}

/** Containers often have too little. */
function hasMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= MEMORY_NEEDED;
}

import { mkdtempSync, rmSync } from 'node:fs';
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

/**
 * Compiles the templates, and starts one PostgreSQL for all tests with a migrated template that each test
 * file clones.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compileTemplates();
  const dataDir = mkdtempSync(join(tmpdir(), 'mingus-test-'));
  const postgres = await EmbeddedPostgres.start(dataDir, {
    fsync: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  });
  await postgres.createDatabase(TEMPLATE);
  await migrateDatabase(postgres.urlOf(TEMPLATE));
  project.provide('postgresUrl', postgres.urlOf('postgres'));
  return async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}

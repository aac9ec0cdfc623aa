import { DataSource } from 'typeorm';
import { ENTITIES } from '../../../src/entities.js';
import { DatabaseSettings } from '../../../src/platform/database/database.settings.js';
import { databaseOptions } from '../../../src/platform/database/database-options.js';
import { testEnvironment } from '../test-app.js';
import type { TestDatabase } from './test-database.js';

/** Opens the intake's pool on a test database as the service does. */
export async function openDataSource(
  database: Pick<TestDatabase, 'url'>,
  env: Record<string, string> = {},
  poolSize = 3,
): Promise<{ dataSource: DataSource; settings: DatabaseSettings; poolErrors: Error[] }> {
  const settings = new DatabaseSettings(testEnvironment(database.url, 1, env));
  const poolErrors: Error[] = [];
  const options = databaseOptions('intake', database.url, poolSize, (error) => poolErrors.push(error));
  const dataSource = await new DataSource({ ...options, entities: ENTITIES }).initialize();
  return { dataSource, settings, poolErrors };
}

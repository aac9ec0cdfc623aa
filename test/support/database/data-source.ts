import { DataSource } from 'typeorm';
import { ENTITIES } from '../../../src/entities.js';
import { AppConfig } from '../../../src/platform/config/app-config.js';
import { readEnvironment } from '../../../src/platform/config/environment.js';
import { databaseOptions } from '../../../src/platform/database/database-options.js';
import { testEnvironment } from '../test-app.js';
import type { TestDatabase } from './test-database.js';

/** The intake's pool on a test database, as the service opens it, without the service. */
export async function openDataSource(
  database: TestDatabase,
  env: Record<string, string> = {},
): Promise<{ dataSource: DataSource; config: AppConfig; poolErrors: Error[] }> {
  const config = new AppConfig(readEnvironment(testEnvironment(database.url, 1, env)));
  const poolErrors: Error[] = [];
  const options = databaseOptions(config, 'intake', (error) => poolErrors.push(error));
  const dataSource = await new DataSource({ ...options, entities: ENTITIES }).initialize();
  return { dataSource, config, poolErrors };
}

import { DataSource } from 'typeorm';
import { ENTITIES } from './src/entities.js';
import { MIGRATIONS } from './src/platform/database/migrations.js';
import { SessionClient } from './src/platform/database/session/session-client.js';
import { SnakeNamingStrategy } from './src/platform/database/snake-naming-strategy.js';

/** The TypeORM CLI's data source (`npm run migration:…`). Reads DATABASE_URL; never synchronises. */
export default new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  namingStrategy: new SnakeNamingStrategy(),
  entities: ENTITIES,
  migrations: MIGRATIONS,
  synchronize: false,
  extra: { Client: SessionClient },
});

import { type DynamicModule, Global, Logger, Module, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobSettings } from '../jobs/job.settings.js';
import { DatabaseSettings } from './database.settings.js';
import { databaseOptions, INTAKE, type PoolPurpose } from './database-options.js';

/** Two data sources over the same entities (see {@link PoolPurpose}). */
@Global()
@Module({})
export class DatabaseModule {
  /** @param writers the number of concurrent transactions of the intake */
  static forRoot(entities: Type[], writers: number): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        dataSource('general', entities, ({ concurrency }) => concurrency + 6),
        dataSource('intake', entities, () => writers + 1),
      ],
    };
  }
}

function dataSource(
  purpose: PoolPurpose,
  entities: Type[],
  poolSizeFor: (jobs: JobSettings) => number,
): DynamicModule {
  const logger = new Logger(`database ${purpose}`);
  return TypeOrmModule.forRootAsync({
    ...(purpose === 'intake' ? { name: INTAKE } : {}),
    inject: [DatabaseSettings, JobSettings],
    useFactory: ({ url }: DatabaseSettings, jobs: JobSettings) => ({
      ...databaseOptions(purpose, url, poolSizeFor(jobs), (error) =>
        logger.warn({ event: 'connection lost', error }),
      ),
      entities,
      retryAttempts: 5,
      retryDelay: 1000,
    }),
  });
}

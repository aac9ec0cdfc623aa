import { type DynamicModule, Global, Logger, Module, type Type } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AppConfig } from '../config/app-config.js';
import { databaseOptions, INTAKE, type PoolPurpose } from './database-options.js';
import { FactRecorder } from '../unit-of-work/fact-recorder.service.js';
import { UnitOfWorkWriter } from '../unit-of-work/unit-of-work-writer.service.js';

/** Two data sources over the same entities (see {@link PoolPurpose}) and the unit-of-work writer. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(entities: Type[]): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [dataSource('general', entities), dataSource('intake', entities)],
      providers: [UnitOfWorkWriter, FactRecorder],
      exports: [UnitOfWorkWriter, FactRecorder],
    };
  }
}

function dataSource(purpose: PoolPurpose, entities: Type[]): DynamicModule {
  const logger = new Logger(`database ${purpose}`);
  return TypeOrmModule.forRootAsync({
    ...(purpose === 'intake' ? { name: INTAKE } : {}),
    inject: [AppConfig],
    useFactory: (config: AppConfig) => ({
      ...databaseOptions(config, purpose, (error) => logger.warn({ event: 'connection lost', error })),
      entities,
      retryAttempts: 5,
      retryDelay: 1000,
    }),
  });
}

import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import type { AppConfig } from '../platform/config/app-config.js';
import { AppLogger, createPino } from '../platform/logging/app-logger.js';
import { prepareSchema } from '../service.js';

/** The application without a port and without a job worker; it logs to standard error. */
export async function createContext(config: AppConfig): Promise<INestApplicationContext> {
  await prepareSchema(config);
  return NestFactory.createApplicationContext(AppModule.forRoot(config), {
    logger: new AppLogger(createPino(config.logLevel, process.stderr)),
    abortOnError: false,
  });
}

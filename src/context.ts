import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import type { Environment } from './platform/settings/settings.js';
import { LogSettings } from './platform/logging/log.settings.js';
import { AppLogger, createPino } from './platform/logging/app-logger.js';
import { prepareSchema } from './service.js';

/** The application without a port and without a job worker; it logs to standard error. */
export async function createContext(environment: Environment): Promise<INestApplicationContext> {
  await prepareSchema(environment);
  return NestFactory.createApplicationContext(AppModule.forRoot(environment), {
    logger: new AppLogger(createPino(new LogSettings(environment).level, process.stderr)),
    abortOnError: false,
  });
}

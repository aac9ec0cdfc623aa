import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from './application.js';
import { AppConfig } from './platform/config/app-config.js';
import type { Environment } from './platform/config/environment.js';
import { assertMigrated, migrateDatabase } from './platform/database/migrate.js';
import { JobRunner } from './platform/jobs/job-runner.service.js';

/** The port of HTTP is taken. */
export class PortTaken extends Error {
  constructor(port: number) {
    super(`Port ${port} is taken: set PORT to a free one`);
  }
}

/** A running service: development services if any, schema, application, port, job worker. */
export class Service {
  private readonly stops: (() => Promise<unknown>)[] = [];
  private stopping?: Promise<void>;

  private constructor() {}

  /** Starts everything in order. What had been started is stopped again when a later step fails. */
  static async start(environment: Environment): Promise<Service> {
    const service = new Service();
    try {
      await service.startAll(environment);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  /** Ends everything in reverse order: first no new work, the database last. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      for (const stop of this.stops.toReversed()) await stop();
    })();
    return this.stopping;
  }

  private async startAll(given: Environment): Promise<void> {
    const startedAt = performance.now();
    this.stopOnSignals();
    let environment = given;
    let notes: string[] = [];
    if (given.NODE_ENV !== 'production') {
      const { startDevelopmentServices } = await import('./platform/development/development-services.js');
      const development = await startDevelopmentServices(given);
      this.stops.push(development.stop);
      ({ environment, notes } = development);
    }
    const config = new AppConfig(environment);
    await (config.database.runMigrations ? migrateDatabase : assertMigrated)(config.database.url);
    const app = await createApplication(config);
    this.stops.push(() => app.close());
    await this.listen(app, config);
    const jobs = app.get(JobRunner);
    this.stops.push(() => jobs.stop());
    await jobs.start();
    announce(config, [...notes, `Ready      after ${Math.round(performance.now() - startedAt)} ms`]);
  }

  private async listen(app: NestFastifyApplication, config: AppConfig): Promise<void> {
    try {
      await app.listen(config.http.port, config.http.host);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTaken(config.http.port);
      throw error;
    }
  }

  private stopOnSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        void this.stop().then(() => process.exit(0), exitWith);
      });
    }
  }
}

function exitWith(error: unknown): never {
  process.stderr.write(`${String((error as Error)?.stack ?? error)}\n`);
  process.exit(1);
}

/** For the person at the terminal; machines read the log. */
function announce({ http, production }: AppConfig, notes: string[]): void {
  if (production) return;
  const url = `http://localhost:${http.port}`;
  const lines = [`Webhooks   ${url}/webhooks/stripe`, `API        ${url}/docs`, ...notes];
  process.stdout.write(`\nMINGUS customer onboarding\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

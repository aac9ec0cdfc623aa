import { setPriority } from 'node:os';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from './application.js';
import { AlertEvaluator } from './monitoring/alerts/evaluation/alert-evaluator.service.js';
import { SignalRecorder } from './monitoring/alerts/signals/signal-recorder.service.js';
import { RefusalRecord } from './platform/access/refusal-record.service.js';
import { AppConfig } from './platform/config/app-config.js';
import type { Environment } from './platform/config/environment.js';
import { sqlStateOf } from './platform/database/database-fault.js';
import {
  assertMigrated,
  migrateDatabase,
  PendingMigrations,
  SchemaTooNew,
} from './platform/database/migrate.js';
import { settled } from './platform/settled.js';
import { PortTaken } from './platform/development/free-port.js';
import { scrub } from './platform/logging/scrub.js';
import { Drain } from './platform/http/drain.js';
import { JobRunner } from './platform/jobs/job-runner.service.js';

/** Where they share a machine, nobody who waits for an answer waits for a worker. */
const WORKER_NICENESS = 5;

/** The database does not answer, or says that it cannot for now. */
export class DatabaseUnreachable extends Error {
  constructor(cause: unknown) {
    super(
      `The database (DATABASE_URL) cannot be reached: ${scrub(String((cause as Error)?.message ?? cause))}`,
      { cause },
    );
  }
}

/** A running service: development services if any, schema, application, port, job worker. */
export class Service {
  private readonly stops: (() => Promise<unknown>)[] = [];
  private starting?: Promise<void>;
  private stopping?: Promise<void>;

  private constructor() {}

  /** Starts everything in order. What had been started is stopped again when a later step fails. */
  static async start(environment: Environment): Promise<Service> {
    const service = new Service();
    try {
      service.starting = service.startAll(environment);
      await service.starting;
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  }

  /** Ends everything in reverse order: first no new work, the database last. A start is let finish before. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      await Promise.allSettled([this.starting]);
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
    if (!config.roles.api) setPriority(WORKER_NICENESS);
    await prepareSchema(config);
    if (config.tracesUrl) {
      const { startTracing } = await import('./platform/tracing/start-tracing.js');
      this.stops.push(startTracing(config.tracesUrl));
    }
    const app = await createApplication(config);
    this.stops.push(() => app.close());
    await this.listen(app, config);
    const jobs = app.get(JobRunner);
    this.stops.push(() => settled([jobs.stop(), app.get(Drain).run()]));
    await jobs.start();
    app.get(RefusalRecord).start();
    app.get(SignalRecorder).start();
    app.get(AlertEvaluator).start();
    announce(config, [...notes, `Ready      after ${Math.round(performance.now() - startedAt)} ms`]);
  }

  private async listen(app: NestFastifyApplication, config: AppConfig): Promise<void> {
    try {
      await app.listen(config.http.port, config.http.host);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
        throw new PortTaken(config.http.port, 'PORT');
      }
      throw error;
    }
  }

  /** One signal ends the service in order, a second at once; a fault nobody caught ends it with 1. */
  private stopOnSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (this.stopping) process.exit(1);
        this.stopAndExit(0);
      });
    }
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(fault, (error: unknown) => {
        new Logger('process').fatal({ event: fault, error });
        this.stopAndExit(1);
      });
    }
  }

  private stopAndExit(code: number): void {
    this.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        process.stderr.write(`${describe(error)}\n`);
        process.exit(1);
      },
    );
  }
}

/** Brings the schema up to date, or makes sure that it is, as configured. */
export async function prepareSchema({ database }: AppConfig): Promise<void> {
  try {
    if (database.runMigrations) await migrateDatabase(database.url);
    else await assertMigrated(database.url, database.tolerateNewerSchema);
  } catch (error) {
    if (error instanceof PendingMigrations || error instanceof SchemaTooNew) throw error;
    throw sqlStateOf(error) && !isAway(error) ? error : new DatabaseUnreachable(error);
  }
}

/** Out of connections or of another resource, starting or shutting down: later it will answer. */
function isAway(error: unknown): boolean {
  return /^(53|57P)/.test(sqlStateOf(error) ?? '');
}

function describe(error: unknown): string {
  return scrub(String((error as Error)?.stack ?? error));
}

/** For the person at the terminal; machines read the log. */
function announce({ http, production }: AppConfig, notes: string[]): void {
  if (production) return;
  const url = `http://localhost:${http.port}`;
  const lines = [`Webhooks   ${url}/webhooks/stripe`, `API        ${url}/docs`, ...notes];
  process.stdout.write(`\nMINGUS customer onboarding\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

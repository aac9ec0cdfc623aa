import { setPriority } from 'node:os';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApplication } from './application.js';
import { AutomationLanes } from './automations/running/automation-lanes.service.js';
import { DeliveryLanes } from './integrations/deliveries/delivery-lanes.service.js';
import { OutboxRelay } from './integrations/outbox/outbox-relay.service.js';
import { AlertEvaluator } from './monitoring/alerts/evaluation/alert-evaluator.service.js';
import { SignalRecorder } from './monitoring/alerts/signals/signal-recorder.service.js';
import { SegmentUpkeep } from './segments/upkeep/segment-upkeep.service.js';
import { RefusalRecord } from './platform/access/refusal-record.service.js';
import type { Environment } from './platform/settings/settings.js';
import { HttpSettings } from './platform/http/http.settings.js';
import { LogSettings } from './platform/logging/log.settings.js';
import { ProcessSettings } from './platform/process/process.settings.js';
import { TracingSettings } from './platform/tracing/tracing.settings.js';
import { DatabaseSettings } from './platform/database/database.settings.js';
import { SETTINGS } from './settings.js';
import { variablesOf } from './platform/settings/environment.js';
import { explainConnection } from './platform/database/database-fault.js';
import { assertMigrated, migrateDatabase, type SchemaState } from './platform/database/migrate.js';
import { settled } from './platform/settled.js';
import { PortTaken } from './platform/development/free-port.js';
import { AppLogger, createPino } from './platform/logging/app-logger.js';
import { scrub } from './platform/logging/scrub.js';
import { Drain } from './platform/http/drain.js';
import { JobRunner } from './platform/jobs/job-runner.service.js';
import { releaseVersion } from './platform/version.js';

/** Workers run at a lower priority, so that requests on the same machine do not wait for them. */
const WORKER_NICENESS = 5;

/** A running service: development services if any, schema, application, port, job worker. */
export class Service {
  private readonly logger = new Logger('process');
  private readonly stops: (() => Promise<unknown>)[] = [];
  private starting?: Promise<void>;
  private stopping?: Promise<void>;

  private constructor() {}

  /** Starts everything in order. If a step fails, the earlier ones are stopped again. */
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

  /** Stops everything in reverse order: first new work, the database last. A running start finishes first. */
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
      const development = await startDevelopmentServices(given, variablesOf(SETTINGS));
      this.stops.push(development.stop);
      ({ environment, notes } = development);
    }
    const own = new ProcessSettings(environment);
    Logger.overrideLogger(new AppLogger(createPino(new LogSettings(environment).level)));
    this.logger.log({ event: 'service starting', ...releaseOf(own) });
    if (!own.roles.api) setPriority(WORKER_NICENESS);
    const { schema, ran, roleProblem } = await prepareSchema(environment);
    if (ran.length > 0) this.logger.log({ event: 'schema migrated', migrations: ran });
    if (roleProblem) this.logger.warn({ event: 'database role missing', reason: roleProblem });
    const { collectorUrl } = new TracingSettings(environment);
    if (collectorUrl) {
      const { startTracing } = await import('./platform/tracing/start-tracing.js');
      this.stops.push(startTracing(collectorUrl));
    }
    const app = await createApplication(environment);
    this.stops.push(() => app.close());
    const http = new HttpSettings(environment);
    await this.listen(app, http);
    const jobs = app.get(JobRunner);
    this.stops.push(() => settled([jobs.stop(), app.get(Drain).run()]));
    if (own.roles.worker) {
      await jobs.start();
      app.get(SegmentUpkeep).start();
      app.get(OutboxRelay).start();
      app.get(DeliveryLanes).start();
      app.get(AutomationLanes).start();
    }
    app.get(RefusalRecord).start();
    app.get(SignalRecorder).start();
    app.get(AlertEvaluator).start();
    const durationMs = Math.round(performance.now() - startedAt);
    const { host, port } = http;
    this.logger.log({ event: 'service started', ...releaseOf(own), schema, host, port, durationMs });
    if (!own.isProduction) announce(port, [...notes, `Ready      after ${durationMs} ms`]);
  }

  private async listen(app: NestFastifyApplication, { host, port }: HttpSettings): Promise<void> {
    try {
      await app.listen(port, host);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
        throw new PortTaken(port, 'PORT');
      }
      throw error;
    }
  }

  /**
   * The first signal stops the service in order, a second one at once. An uncaught fault stops it with exit
   * code 1.
   */
  private stopOnSignals(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (this.stopping) process.exit(1);
        this.stopAndExit(0, signal);
      });
    }
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(fault, (error: unknown) => {
        this.logger.fatal({ event: fault, error });
        this.stopAndExit(1, fault);
      });
    }
  }

  private stopAndExit(code: number, reason: string): void {
    const startedAt = performance.now();
    this.logger.log({ event: 'service stopping', reason });
    this.stop().then(
      () => {
        const durationMs = Math.round(performance.now() - startedAt);
        this.logger.log({ event: 'service stopped', reason, exitCode: code, durationMs });
        process.exit(code);
      },
      (error: unknown) => {
        process.stderr.write(`${describe(error)}\n`);
        process.exit(1);
      },
    );
  }
}

/** Brings the schema up to date or checks it, as configured. */
export async function prepareSchema(environment: Environment): Promise<SchemaState> {
  const database = new DatabaseSettings(environment);
  try {
    if (database.runsMigrations) return await migrateDatabase(database.url);
    return await assertMigrated(database.url, database.toleratesNewerSchema);
  } catch (error) {
    throw explainConnection(error);
  }
}

/** The release and the roles of this process, for the log. */
function releaseOf({ buildCommit, roles, isProduction }: ProcessSettings) {
  return {
    version: releaseVersion(),
    commit: buildCommit,
    node: process.versions.node,
    production: isProduction,
    roles: Object.entries(roles).flatMap(([role, isOurs]) => (isOurs ? [role] : [])),
  };
}

function describe(error: unknown): string {
  return scrub(String((error as Error)?.stack ?? error));
}

/** Prints the start for the person at the terminal. Machines read the log. */
function announce(port: number, notes: string[]): void {
  const url = `http://localhost:${port}`;
  const lines = [`Webhooks   ${url}/webhooks/stripe`, `API        ${url}/docs`, ...notes];
  process.stdout.write(`\nMINGUS customer onboarding\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
}

import { type ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import Stripe from 'stripe';
import { AppModule } from '../../src/app.module.js';
import { configure } from '../../src/application.js';
import { Clock } from '../../src/platform/clock.js';
import { HttpSettings } from '../../src/platform/http/http.settings.js';
import { LogSettings } from '../../src/platform/logging/log.settings.js';
import { readEnvironment } from '../../src/settings.js';
import { createFastifyAdapter } from '../../src/platform/http/fastify-adapter.js';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { AppLogger, createPino } from '../../src/platform/logging/app-logger.js';
import { aUser, type Fields } from './builders.js';
import { SmtpSink } from './mail/smtp-sink.js';
import { TestDatabase } from './database/test-database.js';
import { ADMIN_KEY, SERVICE_KEY, testEnvironment, WEBHOOK_SECRET } from './process/test-environment.js';

export { ADMIN_KEY, SERVICE_KEY, testEnvironment, WEBHOOK_SECRET };

/** An answer with its body parsed where it is JSON. */
export interface Answer {
  status: number;
  headers: Headers;
  body: any; // oxlint-disable-line no-explicit-any -- tests read any body
}

export interface TestAppOptions {
  /** Environment variables on top of the test defaults. */
  env?: Record<string, string>;
  /** More controllers or providers (e.g. a listener that throws). */
  extra?: Pick<ModuleMetadata, 'providers'>;
  /** Whether to run jobs. By default they do not run, so that a test sees exactly what the request wrote. */
  jobs?: boolean;
  /** The service's time; the wall clock by default. */
  now?: () => Date;
  database?: TestDatabase;
  smtp?: SmtpSink;
}

/** The whole service in the test's process: real HTTP, its own database, a real SMTP server. */
export class TestApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly url: string,
    readonly database: TestDatabase,
    readonly smtp: SmtpSink,
    private readonly owns: { database: boolean; smtp: boolean },
  ) {}

  static async start(options: TestAppOptions = {}): Promise<TestApp> {
    const database = options.database ?? (await TestDatabase.create());
    const smtp = options.smtp ?? (await SmtpSink.start());
    const environment = readEnvironment(testEnvironment(database.url, smtp.port, options.env));
    const builder = Test.createTestingModule({
      imports: [AppModule.forRoot(environment)],
      providers: options.extra?.providers ?? [],
    });
    if (options.now) builder.overrideProvider(Clock).useValue({ now: options.now });
    const testing = await builder.compile();
    const app = testing.createNestApplication<NestFastifyApplication>(
      createFastifyAdapter(new HttpSettings(environment).trustedProxies),
      {
        bodyParser: false,
        logger: new AppLogger(createPino(new LogSettings(environment).level)),
      },
    );
    configure(app);
    await app.listen(0, '127.0.0.1');
    // Scheduled jobs are left out: they could run in the middle of a test.
    if (options.jobs) await app.get(JobRunner).start([]);
    const owns = { database: !options.database, smtp: !options.smtp };
    return new TestApp(app, (await app.getUrl()).replace('[::1]', '127.0.0.1'), database, smtp, owns);
  }

  /** Stops everything this app started. Dropping the database fails if a connection leaked. */
  async stop(): Promise<void> {
    await this.app.get(JobRunner).stop();
    await this.app.close();
    if (this.owns.smtp) await this.smtp.stop();
    if (this.owns.database) await this.database.drop();
  }

  /** Posts an event (or raw text) with a valid signature, as Stripe does. */
  deliver(
    event: Fields | string,
    options: { secret?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return deliver(this.url, event, options);
  }

  /** Calls the admin API with a valid key. */
  admin(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<Answer> {
    return request(`${this.url}/admin/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** Calls the API for MINGUS's backend with a valid key. */
  backend(path: string, method: 'GET' | 'POST' = 'GET'): Promise<Answer> {
    return request(`${this.url}/${path}`, { method, headers: { authorization: `Bearer ${SERVICE_KEY}` } });
  }

  /** Creates a user in the database. Returns it with the metadata that hold its id. */
  async createUser(fields: Fields = {}): Promise<{ id: string; metadata: { mingus_user_id: string } }> {
    const user = { createdAt: new Date(), ...aUser(fields) };
    await this.database.rows('insert into users (id, email, name, created_at) values ($1, $2, $3, $4)', [
      user.id,
      user.email,
      user.name,
      user.createdAt,
    ]);
    return { id: user.id, metadata: { mingus_user_id: user.id } };
  }
}

/** Posts to a service's webhook endpoint with a valid signature. */
export function deliver(
  url: string,
  event: Fields | string,
  { secret = WEBHOOK_SECRET, headers = {} }: { secret?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const payload = typeof event === 'string' ? event : JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  return request(`${url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': signature, ...headers },
    body: payload,
  });
}

export async function request(url: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text ? JSON.parse(text) : text,
  };
}

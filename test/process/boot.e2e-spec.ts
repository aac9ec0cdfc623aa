import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { findFreePort } from '../../src/platform/development/free-port.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestDatabase } from '../support/database/test-database.js';

const REQUIRED = [
  'DATABASE_URL',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_SECRET_KEY',
  'PUBLIC_URL',
  'ADMIN_API_KEY',
  'LINK_SIGNING_KEYS',
  'SMTP_SERVER',
  'MAIL_FROM',
];
vi.setConfig({ testTimeout: 180_000 });
const STACK = /\n\s+at |node_modules|\.js:\d/;

let service: ServiceProcess | undefined;
afterEach(() => service?.end('SIGKILL'));

/** Starts a service that is expected to end by itself. @returns its exit code and everything it said */
async function runToEnd(env: Record<string, string>): Promise<{ code: unknown; output: string }> {
  service = await ServiceProcess.spawn(env);
  return { code: await service.ended(), output: service.output };
}

/** A production environment whose secrets are recognisable. */
function production(databaseUrl: string, smtpPort: number): Record<string, string> {
  return productionEnvironment(databaseUrl, smtpPort, {
    STRIPE_SECRET_KEY: 'sk_test_canary0123',
    SMTP_USERNAME: 'mingus',
    SMTP_PASSWORD: 'canary-mail-password',
    LOG_LEVEL: 'info',
  });
}

/** Everything in an environment that nobody may read anywhere. */
function secretsOf(env: Record<string, string>): string[] {
  const names = [
    'STRIPE_WEBHOOK_SECRET',
    'STRIPE_SECRET_KEY',
    'ADMIN_API_KEY',
    'LINK_SIGNING_KEYS',
    'SMTP_PASSWORD',
  ];
  const password = new URL(env.DATABASE_URL ?? 'postgres://:none@x').password;
  return [password, ...names.flatMap((name) => env[name] ?? [])];
}

describe('in production, a configuration that does not hold ends the start', () => {
  const complete = production('postgres://mingus:canary-db-password@127.0.0.1:1/mingus', 25);

  it('with nothing set: exit code 1, every variable named, no stack', async () => {
    const { code, output } = await runToEnd({ NODE_ENV: 'production' });

    expect(code).toBe(1);
    expect(output.split('\n').filter((line) => line.startsWith('  - '))).toEqual(
      REQUIRED.map((name) => `  - ${name} is required in production`),
    );
    expect(output).not.toMatch(STACK);
  });

  it.each([
    ['DATABASE_URL', 'canary:5432/mingus'],
    ['STRIPE_WEBHOOK_SECRET', 'whsec_canary, whsec_canary2'],
    ['STRIPE_SECRET_KEY', 'pk_live_canary'],
    ['SMTP_SERVER', 'smtp://canary'],
    ['MAIL_FROM', 'canary'],
    ['PUBLIC_URL', 'canary'],
    ['ADMIN_API_KEY', 'canary-but-short'],
    ['LINK_SIGNING_KEYS', 'canary-but-short'],
    ['SMTP_PASSWORD', ' canary '],
    ['PORT', '70000'],
  ])('with a malformed %s: exit code 1, it alone named, no value printed', async (name, value) => {
    const env = { ...complete, [name]: value };

    const { code, output } = await runToEnd(env);

    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(`^Invalid configuration:\n {2}- ${name} [^\n]+\n$`));
    expect(output).not.toMatch(STACK);
    expect(output).not.toContain('canary');
    for (const secret of secretsOf(complete)) expect(output).not.toContain(secret);
  });

  it('with a database that cannot be reached: exit code 1, its variable named, its password not', async () => {
    const { code, output } = await runToEnd(complete);

    expect(code).toBe(1);
    expect(output).toContain('DATABASE_URL');
    expect(output).not.toMatch(STACK);
    for (const secret of secretsOf(complete)) expect(output).not.toContain(secret);
  });
});

describe('in production, an empty database', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;

  beforeAll(async () => {
    database = await TestDatabase.create('template1');
    smtp = await SmtpSink.start();
  });
  afterAll(async () => {
    await smtp.stop();
    await database.drop();
  });

  it('is refused with a text that says what to do', async () => {
    const env = production(database.url, smtp.port);

    const { code, output } = await runToEnd(env);

    expect(code).toBe(1);
    expect(output).toMatch(/schema is not up to date \(pending: CreateSchema\d+.*\)/);
    expect(output).toContain('MIGRATIONS=run');
    expect(output).not.toMatch(STACK);
    for (const secret of secretsOf(env)) expect(output).not.toContain(secret);
    expect(await database.rows(`select from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  it('is migrated with MIGRATIONS=run; later starts need no more than that', async () => {
    const env = production(database.url, smtp.port);

    service = await ServiceProcess.start({ ...env, MIGRATIONS: 'run' });
    expect(await service.end()).toBe(0);
    service = await ServiceProcess.start(env);
    expect(await service.end()).toBe(0);

    expect(await database.count('customers')).toBe(0);
    for (const secret of secretsOf(env)) expect(service.output).not.toContain(secret);
  });

  it('is served only on a free port: a taken one is named', async () => {
    const PORT = String(await findFreePort());
    service = await ServiceProcess.start({
      ...production(database.url, smtp.port),
      MIGRATIONS: 'run',
      PORT,
    });

    const second = await ServiceProcess.spawn({ ...production(database.url, smtp.port), PORT });

    expect(await second.ended()).toBe(1);
    expect(second.output).toContain(`Port ${PORT} is taken: set PORT to a free one\n`);
    expect(second.output).not.toMatch(STACK);
    expect(await service.end()).toBe(0);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { findFreePort } from '../support/free-port.js';
import { useSurroundings } from '../support/process/surroundings.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';

const REQUIRED = [
  'DATABASE_URL',
  'PUBLIC_URL',
  'APP_URL',
  'ADMIN_API_KEY',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'SMTP_SERVER',
  'MAIL_FROM',
  'LINK_SIGNING_KEYS',
];
vi.setConfig({ testTimeout: 180_000 });
const STACK = /\n\s+at |node_modules|\.js:\d/;

let service: ServiceProcess | undefined;
afterEach(() => service?.end('SIGKILL'));

/** Starts a service that is expected to end by itself. @returns its exit code and its output */
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

/** All values of an environment that must not be shown anywhere. */
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

describe('in production, an invalid configuration ends the start', () => {
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
    ['APP_URL', 'canary'],
    ['ADMIN_API_KEY', 'canary-but-short'],
    ['LINK_SIGNING_KEYS', 'canary-but-short'],
    ['SMTP_PASSWORD', ' canary '],
    ['PORT', '70000'],
  ])('with a malformed %s: exit code 1, only this variable named, no value printed', async (name, value) => {
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
  const around = useSurroundings('template1');

  it('is refused with instructions', async () => {
    const env = production(around.database.url, around.smtp.port);

    const { code, output } = await runToEnd(env);

    expect(code).toBe(1);
    expect(output).toMatch(/schema is not up to date \(pending: CreateSchema\d+.*\)/);
    expect(output).toContain('MIGRATIONS=run');
    expect(output).not.toMatch(STACK);
    for (const secret of secretsOf(env)) expect(output).not.toContain(secret);
    expect(await around.database.rows(`select from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  it('is migrated with MIGRATIONS=run; later starts need no other setting', async () => {
    const env = production(around.database.url, around.smtp.port);

    service = await ServiceProcess.start({ ...env, MIGRATIONS: 'run' });
    expect(await service.end()).toBe(0);
    service = await ServiceProcess.start(env);
    expect(await service.end()).toBe(0);

    expect(await around.database.count('customers')).toBe(0);
    for (const secret of secretsOf(env)) expect(service.output).not.toContain(secret);
  });

  it('is served only on a free port: the message names a taken one', async () => {
    const PORT = String(await findFreePort());
    service = await ServiceProcess.start({
      ...production(around.database.url, around.smtp.port),
      MIGRATIONS: 'run',
      PORT,
    });

    const second = await ServiceProcess.spawn({ ...production(around.database.url, around.smtp.port), PORT });

    expect(await second.ended()).toBe(1);
    expect(second.output).toContain(`Port ${PORT} is taken: set PORT to a free one\n`);
    expect(second.output).not.toMatch(STACK);
    expect(await service.end()).toBe(0);
  });
});

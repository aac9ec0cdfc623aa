import { describe, expect, it } from 'vitest';
import { AppConfig } from './app-config.js';
import { readEnvironment } from './environment.js';

const configOf = (env: Record<string, string> = {}) =>
  new AppConfig(
    readEnvironment({
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://localhost/mingus',
      STRIPE_WEBHOOK_SECRET: 'whsec_first,whsec_second',
      STRIPE_SECRET_KEY: 'sk_test_x',
      SMTP_SERVER: 'smtp.example.com',
      MAIL_FROM: 'hello@mingus.app',
      PUBLIC_URL: 'https://onboarding.mingus.app/',
      ADMIN_API_KEY: '0f8a3c5b7d9e1f20413253647586970a',
      LINK_SIGNING_KEYS: '7c1e5d90b2f84a3d96e80f1b2c3d4e5f',
      ...env,
    }),
  );

describe('the configuration', () => {
  it('holds every webhook secret in its order', () => {
    expect(configOf().stripe.webhookSecrets).toEqual(['whsec_first', 'whsec_second']);
  });

  it('has a public URL without a slash at its end, to which paths can be added', () => {
    expect(configOf().http.publicUrl).toBe('https://onboarding.mingus.app');
  });

  it.each([
    [{}, undefined],
    [{ STRIPE_LIVEMODE: 'true' }, true],
    [{ STRIPE_LIVEMODE: 'false' }, false],
  ])('expects the mode of %j: %s', (env, livemode) => {
    expect(configOf(env).stripe.livemode).toBe(livemode);
  });

  it.each([
    [{}, true, true],
    [{ PROCESS_ROLES: 'api' }, true, false],
    [{ PROCESS_ROLES: 'worker' }, false, true],
  ])('plays the roles of %j', (env, api, worker) => {
    expect(configOf(env).roles).toEqual({ api, worker });
  });

  it.each([
    ['production', {}, false],
    ['production', { MIGRATIONS: 'run' }, true],
    ['development', {}, true],
    ['development', { MIGRATIONS: 'check' }, false],
  ])('in %s with %j runs migrations at boot: %s', (mode, env, runs) => {
    expect(configOf({ NODE_ENV: mode, ...env }).database.runMigrations).toBe(runs);
  });

  it.each([
    ['no password is sent', {}, 'opportunistic'],
    ['a password crosses the network', { SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' }, 'required'],
    [
      'a password stays on the machine',
      { SMTP_SERVER: '127.0.0.1', SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' },
      'opportunistic',
    ],
    ['the port is 465', { SMTP_PORT: '465' }, 'implicit'],
    ['it is set', { SMTP_TLS: 'opportunistic', SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' }, 'opportunistic'],
  ])('secures mail by itself when %s', (_, env, tls) => {
    expect(configOf(env).mail.tls).toBe(tls);
  });

  it('answers questions about messages at their sender unless there is an address for support', () => {
    expect(configOf({ MAIL_FROM: 'MINGUS <hello@mingus.app>' }).brand.supportEmail).toBe('hello@mingus.app');
    expect(configOf({ MAIL_FROM: 'hello@mingus.app' }).brand.supportEmail).toBe('hello@mingus.app');
    expect(configOf({ SUPPORT_EMAIL: 'help@mingus.app' }).brand.supportEmail).toBe('help@mingus.app');
  });

  it('reads the users of MINGUS from the table and columns it is given', () => {
    const env = { USERS_TABLE: 'app.accounts', USERS_TABLE_COLUMNS: 'name=n,id=i,created_at=c,email=e' };
    expect(configOf(env).users.table).toEqual({
      schema: 'app',
      table: 'accounts',
      columns: { id: 'i', email: 'e', name: 'n', createdAt: 'c' },
    });
    expect(configOf().users.table).toBeUndefined();
  });
});

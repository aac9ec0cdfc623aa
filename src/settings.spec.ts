import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KEY, PEM, VALUES } from '../test/support/process/environment-values.js';
import { DatabaseSettings } from './platform/database/database.settings.js';
import { HttpSettings } from './platform/http/http.settings.js';
import { JobSettings } from './platform/jobs/job.settings.js';
import { LogSettings } from './platform/logging/log.settings.js';
import { ProcessSettings } from './platform/process/process.settings.js';
import { InvalidEnvironment, variablesOf } from './platform/settings/environment.js';
import { rulesOf } from './platform/settings/settings.js';
import { StripeSettings } from './platform/stripe/stripe.settings.js';
import { readEnvironment, SETTINGS } from './settings.js';
import { WebhooksSettings } from './webhooks/webhooks.settings.js';

/** A complete production environment. */
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://mingus:pw@db.internal:5432/mingus',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
  STRIPE_SECRET_KEY: 'sk_live_0123456789abcdef',
  SMTP_SERVER: 'smtp.example.com',
  MAIL_FROM: 'MINGUS <hello@mingus.app>',
  PUBLIC_URL: 'https://onboarding.mingus.app',
  APP_URL: 'https://mingus.app',
  ADMIN_API_KEY: '0f8a3c5b7d9e1f20413253647586970a',
  LINK_SIGNING_KEYS: '7c1e5d90b2f84a3d96e80f1b2c3d4e5f',
};
const VARIABLES = variablesOf(SETTINGS);
const NAMES = VARIABLES.flatMap(({ name, file }) => (file ? [name, file] : [name]));
const REQUIRED = Object.keys(PRODUCTION).filter((name) => name !== 'NODE_ENV');

/** The problems of an environment; empty if it is valid. */
function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readEnvironment(env);
    return [];
  } catch (error) {
    if (error instanceof InvalidEnvironment) return error.problems;
    throw error;
  }
}

/** Variables that another variable requires. */
const COMPANIONS: Record<string, object> = {
  SMTP_USERNAME: { SMTP_PASSWORD: 'p' },
  SMTP_PASSWORD: { SMTP_USERNAME: 'ada' },
  ANALYTICS_URL: { ANALYTICS_API_KEY: 'key' },
  DKIM_DOMAIN: { DKIM_SELECTOR: 's1', DKIM_PRIVATE_KEY: PEM },
  DKIM_SELECTOR: { DKIM_DOMAIN: 'mingus.app', DKIM_PRIVATE_KEY: PEM },
  DKIM_PRIVATE_KEY: { DKIM_DOMAIN: 'mingus.app', DKIM_SELECTOR: 's1' },
};
const each = (kind: 'good' | 'bad') =>
  Object.entries(VALUES).flatMap(([name, values]) => values[kind].map((value) => [name, value] as const));

describe('a variable', () => {
  it.each(each('good'))('%s accepts %j', (name, value) => {
    expect(problemsOf({ ...PRODUCTION, ...COMPANIONS[name], [name]: value })).toEqual([]);
  });

  it.each(each('bad'))('%s refuses %j and names itself', (name, value) => {
    const problems = problemsOf({ ...PRODUCTION, ...COMPANIONS[name], [name]: value });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} `));
  });

  it('is declared once', () => {
    expect(NAMES.filter((name, index) => NAMES.indexOf(name) !== index)).toEqual([]);
  });

  it('of the table of values is declared', () => {
    expect(Object.keys(VALUES).filter((name) => !NAMES.includes(name))).toEqual([]);
  });

  it.each(VARIABLES)('$name has defaults and a placeholder that keep its rules', (variable) => {
    const { defaultInProduction, placeholder, generate } = variable;
    const values = [variable.default, defaultInProduction, placeholder, generate?.()];
    for (const value of values.filter((text) => text !== undefined)) {
      for (const rule of rulesOf(variable)) expect(rule.read(value)).toBeDefined();
    }
  });

  it.each(VARIABLES)('$name has a meaning in sentences', ({ meaning }) => {
    expect(meaning).toMatch(/^[A-Z`].*[.]$/);
  });
});

describe('in production', () => {
  it('a complete environment is accepted', () => {
    expect(problemsOf(PRODUCTION)).toEqual([]);
  });

  it('every missing variable is named, all at once', () => {
    expect(problemsOf({ NODE_ENV: 'production' }).toSorted()).toEqual(
      REQUIRED.map((name) => `${name} is required in production`).toSorted(),
    );
  });

  it.each(REQUIRED)('an empty %s counts as missing', (name) => {
    expect(problemsOf({ ...PRODUCTION, [name]: '' })).toEqual([`${name} is required in production`]);
  });

  it.each(['.env.example', 'ops/service.env.example'])(
    '%s has a line for every required variable',
    (file) => {
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(REQUIRED.filter((name) => !lines.some((line) => line.startsWith(`${name}=`)))).toEqual([]);
    },
  );

  it('the README names every required variable', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(REQUIRED.filter((name) => !readme.includes(`| \`${name}\``))).toEqual([]);
  });

  it('malformed and missing ones are named together', () => {
    const problems = problemsOf({ ...PRODUCTION, DATABASE_URL: 'nowhere', MAIL_FROM: undefined, PORT: 'x' });
    const named = problems.map((problem) => problem.split(' ')[0]);
    expect(named.toSorted()).toEqual(['DATABASE_URL', 'MAIL_FROM', 'PORT']);
  });

  it('the error is one text for a person, and never holds a value', () => {
    const names = Object.entries(VALUES).flatMap(([name, { bad }]) => (bad.length > 0 ? [name] : []));
    const env = Object.fromEntries(names.map((name) => [name, ' canary ']));

    expect(() => readEnvironment(env)).toThrow(/^Invalid configuration:(\n {2}- [A-Z_]+ .+)+$/);
    expect(problemsOf(env)).toHaveLength(names.length);
    expect(problemsOf(env).join('')).not.toContain('canary');
  });
});

describe('outside production', () => {
  it('nothing needs to be set', () => {
    expect(readEnvironment({})).toEqual({});
    expect(new ProcessSettings({}).environment).toBe('development');
    expect(new LogSettings({}).level).toBe('info');
  });

  it('what is set must be well-formed all the same', () => {
    expect(problemsOf({ ADMIN_API_KEY: 'short' })).toHaveLength(1);
  });

  it('an empty variable counts as not set', () => {
    expect(readEnvironment({ PORT: '', LOG_LEVEL: '', DATABASE_URL: '' })).toEqual({});
  });

  it('variables of others are passed over', () => {
    expect(
      problemsOf({ PATH: '/bin', HOME: '/', ['__proto__']: 'x', constructor: 'x', validate: '1' }),
    ).toEqual([]);
  });
});

describe('variables that belong together', () => {
  it.each([{ SMTP_USERNAME: 'ada' }, { SMTP_PASSWORD: 'p' }])('are asked for together: %j', (env) => {
    expect(problemsOf(env)).toEqual(['SMTP_USERNAME and SMTP_PASSWORD must be set together']);
  });

  it('are two keys, which must differ', () => {
    expect(problemsOf({ ADMIN_API_KEY: KEY, SERVICE_API_KEY: KEY })).toEqual([
      'SERVICE_API_KEY and ADMIN_API_KEY must differ',
    ]);
    expect(problemsOf({ ADMIN_API_KEY: KEY, SERVICE_API_KEY: `${KEY}x` })).toEqual([]);
  });

  it('are the URL and the key of the analytics provider', () => {
    expect(problemsOf({ ANALYTICS_URL: 'https://analytics.example.com' })).toEqual([
      'ANALYTICS_API_KEY is required when ANALYTICS_URL is set',
    ]);
  });
});

describe('a number that is none', () => {
  it.each([
    ['SMTP_PORT', 'abc', 'from 1 to 65535'],
    ['SMTP_PORT', '25.5', 'from 1 to 65535'],
    ['PORT', 'NaN', 'from 0 to 65535'],
    ['PORT', '70000', 'from 0 to 65535'],
    ['JOB_CONCURRENCY', '0', 'from 1 to 64'],
    ['ALERT_REMIND_HOURS', 'often', 'from 0 to 168'],
    ['API_MAX_PER_KEY_MINUTE', '-1', 'from 0 to 1000000'],
    ['SMTP_PORT', '0x10', 'from 1 to 65535'],
    ['SMTP_PORT', '1e3', 'from 1 to 65535'],
    ['PORT', '0b11', 'from 0 to 65535'],
    ['PORT', '+25', 'from 0 to 65535'],
    ['PORT', '25.0', 'from 0 to 65535'],
    ['PORT', ' 25', 'from 0 to 65535'],
  ])('is called that: %s=%s', (name, value, bounds) => {
    expect(() => readEnvironment({ NODE_ENV: 'test', [name]: value })).toThrow(
      `Invalid configuration:\n  - ${name} must be a whole number ${bounds}`,
    );
  });
});

describe('the settings of a module', () => {
  const valuesOf = (env: Record<string, string>) => readEnvironment({ ...PRODUCTION, ...env });

  it('keep the order of webhook secrets', () => {
    const { secrets } = new WebhooksSettings(valuesOf({ STRIPE_WEBHOOK_SECRET: 'whsec_first,whsec_second' }));
    expect(secrets).toEqual(['whsec_first', 'whsec_second']);
  });

  it('have a public URL without a slash at its end, so that paths can be appended', () => {
    const { publicUrl } = new HttpSettings(valuesOf({ PUBLIC_URL: 'https://onboarding.mingus.app/' }));
    expect(publicUrl).toBe('https://onboarding.mingus.app');
  });

  it.each([
    [{}, undefined],
    [{ STRIPE_LIVEMODE: 'true' }, true],
    [{ STRIPE_LIVEMODE: 'false' }, false],
  ])('expect the mode of %j: %s', (env, livemode) => {
    expect(new StripeSettings(valuesOf(env)).livemode).toBe(livemode);
  });

  it.each([
    [{}, true, true],
    [{ PROCESS_ROLES: 'api' }, true, false],
    [{ PROCESS_ROLES: 'worker' }, false, true],
  ])('have the roles of %j', (env, api, worker) => {
    expect(new ProcessSettings(valuesOf(env)).roles).toEqual({ api, worker });
  });

  it.each([
    ['production', {}, false],
    ['production', { MIGRATIONS: 'run' }, true],
    ['development', {}, true],
    ['development', { MIGRATIONS: 'check' }, false],
  ])('in %s with %j run migrations at the start: %s', (NODE_ENV, env, runs) => {
    expect(new DatabaseSettings(valuesOf({ NODE_ENV, ...env })).runsMigrations).toBe(runs);
  });

  it('keep the rows of each table for its own days, but for those that RETENTION_DAYS changes', () => {
    const usual = new JobSettings({}).daysByTable;
    const { daysByTable } = new JobSettings(valuesOf({ RETENTION_DAYS: 'portal_links=30' }));
    expect(usual.portal_links).toBe(90);
    expect(daysByTable).toEqual({ ...usual, portal_links: 30 });
  });

  it('throw for a variable that has not been checked', () => {
    expect(() => new HttpSettings({ ...PRODUCTION, PORT: 'x' })).toThrow('PORT has not been checked');
    expect(() => new DatabaseSettings({})).toThrow('DATABASE_URL is not set');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KEY, PEM, VALUES } from '../../../test/support/process/environment-values.js';
import { InvalidEnvironment, readEnvironment } from './environment.js';

/** A complete production environment. */
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://mingus:pw@db.internal:5432/mingus',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
  STRIPE_SECRET_KEY: 'sk_live_0123456789abcdef',
  SMTP_SERVER: 'smtp.example.com',
  MAIL_FROM: 'MINGUS <hello@mingus.app>',
  PUBLIC_URL: 'https://onboarding.mingus.app',
  ADMIN_API_KEY: '0f8a3c5b7d9e1f20413253647586970a',
  LINK_SIGNING_KEYS: '7c1e5d90b2f84a3d96e80f1b2c3d4e5f',
};
const REQUIRED = Object.keys(PRODUCTION).filter((name) => name !== 'NODE_ENV');

/** What is wrong with an environment; empty when nothing is. */
function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readEnvironment(env);
    return [];
  } catch (error) {
    if (error instanceof InvalidEnvironment) return error.problems;
    throw error;
  }
}

/** Variables that another one needs beside it. */
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

  it.each(['README.md', '.env.example'])('of each name is documented in %s', (file) => {
    const text = readFileSync(file, 'utf8');
    const names = Object.keys(VALUES).filter((name) => name !== 'NODE_ENV');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  it('of each name is in the table above', () => {
    expect(Object.keys(VALUES).toSorted()).toEqual(Object.keys(readEnvironment(PRODUCTION)).toSorted());
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
    expect(readEnvironment({})).toMatchObject({ NODE_ENV: 'development', PORT: 3000, LOG_LEVEL: 'info' });
  });

  it('what is set must be well-formed all the same', () => {
    expect(problemsOf({ ADMIN_API_KEY: 'short' })).toHaveLength(1);
  });

  it('an empty variable gives the default', () => {
    expect(readEnvironment({ PORT: '', LOG_LEVEL: '', DATABASE_URL: '' })).toMatchObject({
      PORT: 3000,
      LOG_LEVEL: 'info',
      DATABASE_URL: undefined,
    });
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

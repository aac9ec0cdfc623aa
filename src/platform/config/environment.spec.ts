import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Environment, InvalidEnvironment, readEnvironment } from './environment.js';

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

const KEY = '5f1d-9a3b-77c0-e4d2-81b6-03fa-2c';
/** Per variable: what is accepted, and what is not. */
const VALUES: Record<keyof Environment, { good: string[]; bad: string[] }> = {
  NODE_ENV: { good: ['development', 'production', 'test'], bad: ['prod', 'Production', ' production'] },
  DATABASE_URL: {
    good: ['postgres://localhost/mingus', 'postgresql://u:p%40ss@10.0.0.1:6432/db?sslmode=require'],
    bad: [
      'localhost',
      'mysql://localhost/mingus',
      'postgres://',
      'postgres://u:p w@host/db',
      'postgres://h/db ',
    ],
  },
  STRIPE_WEBHOOK_SECRET: {
    good: ['whsec_abcd', 'whsec_abcd,whsec_efgh', 'whsec_a+/=b'],
    bad: [
      'abcd',
      'whsec_',
      'whsec_abcd ',
      ' whsec_abcd',
      'whsec_abcd, whsec_efgh',
      'whsec_abcd,',
      'whsec_ab\ncd',
      'sk_live_abcd',
    ],
  },
  STRIPE_SECRET_KEY: {
    good: ['sk_live_x', 'sk_test_x', 'rk_live_x'],
    bad: ['sk_x', 'pk_live_x', 'whsec_x', 'sk_live_', 'sk_live_x ', ' sk_live_x', 'sk_live_x\n'],
  },
  STRIPE_API_URL: {
    good: ['https://api.stripe.com', 'http://127.0.0.1:12111'],
    bad: [
      'api.stripe.com',
      'ftp://api.stripe.com',
      'https://',
      'https://api.stripe.com/v1',
      'https://api.stripe.com?x=1',
      'https://sk@api.stripe.com',
      'https://api.stripe.com:x',
      'https://api.stripe.com ',
    ],
  },
  STRIPE_LIVEMODE: { good: ['true', 'false'], bad: ['yes', '1', 'TRUE'] },
  STRIPE_RATE_LIMIT: { good: ['0', '20', '100'], bad: ['-1', '101', '2.5', 'fast'] },
  RECONCILE_SCHEDULE: {
    good: ['off', '41 3 * * *', '*/15 0-6,20 1 1-12/2 0'],
    bad: [
      'daily',
      '41 3 * *',
      '60 3 * * *',
      '41 24 * * *',
      '1 1 0 * *',
      '1 1 1 13 *',
      '* * * * 7',
      '5-1 * * * *',
      '*/0 * * * *',
      '41  3 * * *',
      'a * * * *',
    ],
  },
  RECONCILE_NOTIFY: { good: ['none', 'all'], bad: ['some', 'true'] },
  STRIPE_ACCOUNT_CURRENCY: { good: ['usd', 'eur'], bad: ['USD', 'euro', '€', 'us'] },
  SMTP_SERVER: { good: ['smtp.example.com', '127.0.0.1', '::1'], bad: ['smtp://x', 'a b', 'x/y', 'x '] },
  SMTP_PORT: { good: ['1', '587', '65535'], bad: ['0', '65536', '-1', '25.5', 'smtp'] },
  SMTP_USERNAME: { good: ['ada', 'a da'], bad: [' ada', 'ada ', 'ada\n'] },
  SMTP_PASSWORD: { good: ['p', 'p w'], bad: [' p', 'p ', '\tp'] },
  SMTP_TLS: { good: ['auto', 'opportunistic', 'required', 'implicit'], bad: ['none', 'starttls'] },
  SMTP_MAX_CONNECTIONS: { good: ['1', '50'], bad: ['0', '51', 'many'] },
  MAIL_FROM: {
    good: ['hello@mingus.app', 'MINGUS <hello@mingus.app>'],
    bad: ['MINGUS', 'hello@', 'MINGUS <hello>', 'a@x.de, b@x.de', 'a@x.de\r\nBcc: b@x.de'],
  },
  PUBLIC_URL: {
    good: ['https://mingus.app', 'http://localhost:3000', 'https://mingus.app/onboarding/'],
    bad: [
      'mingus.app',
      'ftp://mingus.app',
      'https://mingus.app?x=1',
      'https://mingus.app#x',
      'https://',
      'javascript:alert(1)',
    ],
  },
  APP_URL: { good: ['https://mingus.app'], bad: ['mingus.app', 'javascript:alert(1)'] },
  PORTAL_LOGIN_URL: {
    good: ['https://billing.stripe.com/p/login/x'],
    bad: ['billing', 'javascript:alert(1)'],
  },
  BRAND_NAME: { good: ['MINGUS', 'Mingus & Søn'], bad: [' MINGUS', 'MIN\nGUS', 'M\u202Ex', 'M'.repeat(61)] },
  BRAND_LOGO_URL: { good: ['https://mingus.app/logo.png'], bad: ['logo.png', 'data:image/png;base64,AA=='] },
  BRAND_COLOR: { good: ['#0b6e4f', '#FFCC00'], bad: ['green', '#fc0', '#0b6e4f80', 'red;x:url(//x)'] },
  SUPPORT_EMAIL: { good: ['help@mingus.app'], bad: ['help', 'Help <help@mingus.app>', 'a@x.de, b@x.de'] },
  POSTAL_ADDRESS: {
    good: ['MINGUS Inc., 1 Main St, Springfield'],
    bad: ['1 Main St\nSpringfield', 'x'.repeat(201)],
  },
  DEFAULT_LOCALE: {
    good: ['en', 'es', 'en-GB', 'es-MX'],
    bad: ['fr', 'EN', 'english', 'en_GB', 'en-u-nu-arab'],
  },
  ADMIN_API_KEY: {
    good: [KEY, '0f8a3c5b7d9e1f20413253647586970a'],
    bad: [
      'short',
      KEY.slice(1),
      `${KEY} `,
      ` ${KEY}`,
      'a'.repeat(40),
      'secret'.repeat(6),
      '1234567890'.repeat(4).slice(0, 32),
      `change-me-${KEY}`,
      `CHANGEME${KEY}`,
      `your-key-${KEY}`,
      `password${KEY}`,
      `default${KEY}`,
    ],
  },
  SERVICE_API_KEY: {
    good: [`${KEY}x`, '1f8a3c5b7d9e1f20413253647586970b'],
    bad: ['short', KEY.slice(1), `${KEY} `, 'a'.repeat(40), `change-me-${KEY}`],
  },
  PORTAL_LINK_TTL_HOURS: { good: ['1', '720'], bad: ['0', '721', '1.5', 'day'] },
  TRUSTED_PROXIES: {
    good: ['10.0.0.1', '10.0.0.0/8,::1', 'fd00::/8'],
    bad: ['proxy', '10.0.0.0/33', '10.0.0.1, ::1', '::1/129', '10.0.0.1/', 'true'],
  },
  ANALYTICS_ENABLED: { good: ['true', 'false'], bad: ['off', '0'] },
  ANALYTICS_API_KEY: { good: ['key'], bad: ['a key', 'key '] },
  ANALYTICS_URL: { good: ['https://analytics.example.com/v1'], bad: ['analytics', 'file:///etc/passwd'] },
  HOST: { good: ['0.0.0.0', '::', 'localhost'], bad: ['a b', ' '] },
  PORT: { good: ['0', '3000', '65535'], bad: ['-1', '65536', 'http', '3000.5', 'NaN', 'Infinity'] },
  PROCESS_ROLES: {
    good: ['api', 'worker', 'api,worker', 'worker,api'],
    bad: ['web', 'api, worker', 'api,api', ','],
  },
  LOG_LEVEL: {
    good: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    bad: ['verbose', 'INFO'],
  },
  DATA_DIR: { good: ['.data', '/var/lib/mingus'], bad: [] },
  MAILBOX_SMTP_PORT: { good: ['1025'], bad: ['0', '65536', 'x'] },
  MAILBOX_WEB_PORT: { good: ['1080'], bad: ['0', '65536', 'x'] },
  MIGRATIONS: { good: ['run', 'check', 'tolerate-newer'], bad: ['true', 'always'] },
  DRAIN_SECONDS: { good: ['0', '60'], bad: ['-1', '61', 'x'] },
  DATABASE_PREPARED_STATEMENTS: { good: ['true', 'false'], bad: ['no'] },
  WEBHOOK_BATCH_MAX: { good: ['1', '1000'], bad: ['0', '1001', '2.5'] },
  WEBHOOK_WRITERS: { good: ['1', '16'], bad: ['0', '17'] },
  WEBHOOK_WAITING_MAX: { good: ['1', '100000'], bad: ['0', '100001'] },
  WEBHOOK_RETENTION_DAYS: { good: ['1', '36500'], bad: ['0', '36501', 'x'] },
  JOB_CONCURRENCY: { good: ['1', '64'], bad: ['0', '65'] },
  WORKER_LEASE_SECONDS: { good: ['5', '600'], bad: ['4', '601'] },
  ONBOARDING_MAX_USER_AGE_DAYS: { good: ['0', '3650'], bad: ['-1', '3651'] },
  USERS_TABLE: {
    good: ['public.users', 'app.user_accounts'],
    bad: ['users', 'a.b.c', 'a."b"', 'a.b;drop table users'],
  },
  USERS_TABLE_COLUMNS: {
    good: ['id=uid,email=mail,name=full_name,created_at=since', 'name=n,id=i,created_at=c,email=e'],
    bad: [
      'id=uid',
      'id=a,email=b,name=c',
      'id=a,id=b,name=c,created_at=d',
      'id=a,email=b,name=c,created_at=d,x=y',
      'id=a,email=b;,name=c,created_at=d',
    ],
  },
};
/** Variables that another one needs beside it. */
const COMPANIONS: Record<string, object> = {
  SMTP_USERNAME: { SMTP_PASSWORD: 'p' },
  SMTP_PASSWORD: { SMTP_USERNAME: 'ada' },
  ANALYTICS_URL: { ANALYTICS_API_KEY: 'key' },
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
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual(
      REQUIRED.map((name) => `${name} is required in production`),
    );
  });

  it.each(REQUIRED)('an empty %s counts as missing', (name) => {
    expect(problemsOf({ ...PRODUCTION, [name]: '' })).toEqual([`${name} is required in production`]);
  });

  it('malformed and missing ones are named together', () => {
    const problems = problemsOf({ ...PRODUCTION, DATABASE_URL: 'nowhere', MAIL_FROM: undefined, PORT: 'x' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['DATABASE_URL', 'MAIL_FROM', 'PORT']);
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findingsOf } from '../../src/cli/doctor/doctor.command.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { anEndpoint, endpointRoutes } from '../support/fake-stripe/endpoint-routes.js';
import { NewestFirst } from '../support/fake-stripe/newest-first.js';
import { ScriptedSmtp } from '../support/mail/scripted-smtp.js';
import { TestDatabase } from '../support/database/test-database.js';
import { productionEnvironment } from '../support/process/test-environment.js';

const ENDPOINT = 'https://onboarding.mingus.test/webhooks/stripe';
const CLOSED_PORT = '1';

describe('the doctor', () => {
  let database: TestDatabase;
  let empty: TestDatabase;
  let stripe: FakeStripe;
  let smtp: ScriptedSmtp;
  const endpoints = new NewestFirst<ReturnType<typeof anEndpoint>>();
  const role = `doctor_${process.pid}`;

  const examine = (env: Record<string, string | undefined> = {}) =>
    findingsOf({
      ...productionEnvironment(database.url, smtp.port, {
        STRIPE_API_URL: stripe.url,
        STRIPE_LIVEMODE: 'false',
        TRUSTED_PROXIES: '10.0.0.0/8',
      }),
      ...env,
    });
  const told = async (check: string, env?: Record<string, string | undefined>) =>
    (await examine(env)).filter((finding) => finding.check === check && finding.state !== 'ok');
  const asRole = (password = 'x') => {
    const url = new URL(database.url);
    url.username = role;
    url.password = password;
    return url.href;
  };

  beforeAll(async () => {
    database = await TestDatabase.create();
    empty = await TestDatabase.create('template1');
    stripe = await FakeStripe.start();
    stripe.serve(...endpointRoutes(endpoints));
    endpoints.put(anEndpoint(ENDPOINT));
    smtp = await ScriptedSmtp.start((step, line) => {
      if (step !== 'EHLO') return undefined;
      return line.startsWith('AUTH') ? '535 no' : '250-scripted\r\n250 AUTH PLAIN LOGIN';
    });
    await database.rows(`create role ${role} login password 'x'`);
  });
  afterAll(async () => {
    await database.rows(`drop owned by ${role}`);
    await database.rows(`drop role ${role}`);
    await Promise.all([stripe.stop(), smtp.stop(), empty.drop(), database.drop()]);
  });

  it('finds no problem but the one of this very PostgreSQL, which tests faster without fsync', async () => {
    const problems = (await examine()).filter(({ state }) => state === 'problem');
    expect(problems.map(({ check, detail }) => `${check}: ${detail.split(' ')[0]}`)).toEqual([
      'durability: fsync',
      'durability: full_page_writes',
    ]);
  });

  it('names a variable that does not hold, never its value', async () => {
    const found = await told('configuration', { ADMIN_API_KEY: 'canary-key', PUBLIC_URL: undefined });
    expect(found.map(({ state }) => state)).toEqual(['problem', 'problem']);
    expect(found.map(({ detail }) => detail).join()).toMatch(/ADMIN_API_KEY|PUBLIC_URL/);
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it.each([
    ['PUBLIC_URL', 'http://onboarding.mingus.test', /https/],
    ['STRIPE_LIVEMODE', undefined, /test events/],
    ['TRUSTED_PROXIES', undefined, /proxy/],
  ])('warns of a setting that is seldom meant: %s=%s', async (name, value, detail) => {
    const found = await told('settings', { [name]: value });
    expect(found).toContainEqual({
      check: 'settings',
      state: 'warning',
      detail: expect.stringMatching(detail),
      mend: expect.any(String),
    });
  });

  it('says that the database cannot be reached, and skips what needs it', async () => {
    const env = { DATABASE_URL: `postgres://mingus:secret@127.0.0.1:${CLOSED_PORT}/mingus` };
    const [finding] = await told('database', env);
    expect(finding).toMatchObject({ state: 'problem', mend: expect.stringContaining('DATABASE_URL') });
    expect(JSON.stringify(finding)).not.toContain('secret');
    expect((await told('schema', env)).map(({ state }) => state)).toEqual(['skipped']);
  });

  it('says that the schema is not there, or that of another release', async () => {
    const [finding] = await told('schema', { DATABASE_URL: empty.url });
    expect(finding).toMatchObject({ state: 'problem', mend: expect.stringMatching(/migrat/i) });
  });

  it('names the rights that a role lacks; the role of the migrations has all it needs', async () => {
    const lacking = await told('rights', { DATABASE_URL: asRole() });
    expect(lacking[0]).toMatchObject({
      state: 'problem',
      mend: expect.stringContaining('docs/production.md'),
    });

    await database.rows(`grant mingus_onboarding_app to ${role}`);
    expect(await told('rights', { DATABASE_URL: asRole() })).toEqual([]);
  });

  it.each([
    ['update, delete on', 'has delete, update on public.audit_entries'],
    ['update (details) on', 'has update on public.audit_entries'],
    ['trigger on', 'has trigger on public.audit_entries'],
  ])('warns of a role that could change the audit: %s', async (right, detail) => {
    await database.rows(`grant mingus_onboarding_app to ${role}`);
    await database.rows(`grant ${right} audit_entries to ${role}`);

    const found = await told('rights', { DATABASE_URL: asRole() });

    await database.rows(`revoke ${right} audit_entries from ${role}`);
    expect(found).toMatchObject([{ state: 'warning', detail: expect.stringContaining(detail) }]);
  });

  it('says whether the hashes of the audit can leave', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mingus-heads-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(await told('audit heads')).toMatchObject([{ state: 'note' }]);
    expect(await told('audit heads', { AUDIT_HEADS_FILE: join(folder, 'heads.log') })).toEqual([]);
    const missing = join(folder, 'missing', 'heads.log');
    expect(await told('audit heads', { AUDIT_HEADS_FILE: missing })).toMatchObject([
      { state: 'problem', detail: 'AUDIT_HEADS_FILE cannot be written: ENOENT' },
    ]);
  });

  it('says that what is committed is not on the disk', async () => {
    await database.rows(`alter role ${role} set synchronous_commit = off`);
    const found = await told('durability', { DATABASE_URL: asRole() });
    expect(found).toContainEqual({
      check: 'durability',
      state: 'problem',
      detail: expect.stringContaining('synchronous_commit'),
      mend: expect.stringContaining('synchronous_commit'),
    });
  });

  it.each([
    [60_000, 'warning'],
    [600_000, 'problem'],
    [-600_000, 'problem'],
  ])('compares the clock with that of Stripe: off by %i ms is a %s', async (offset, state) => {
    stripe.now = () => new Date(Date.now() + offset);
    const [finding] = await told('clock');
    stripe.now = () => new Date();
    expect(finding).toMatchObject({
      state,
      detail: expect.stringContaining('Stripe'),
      mend: expect.any(String),
    });
  });

  it('tries the login at the mail server', async () => {
    const login = { SMTP_USERNAME: 'mingus', SMTP_PASSWORD: 'canary-password', SMTP_TLS: 'opportunistic' };
    const [refused] = await told('smtp', login);
    expect(refused).toMatchObject({ state: 'problem', mend: expect.stringContaining('SMTP_PASSWORD') });
    expect(JSON.stringify(refused)).not.toContain('canary');
    const [closed] = await told('smtp', { SMTP_PORT: CLOSED_PORT });
    expect(closed).toMatchObject({ state: 'problem', mend: expect.stringContaining('SMTP_PORT') });
  });

  it('asks Stripe whether the key holds, and is of the right mode', async () => {
    stripe.outage = 401;
    const refused = await told('stripe key');
    stripe.outage = null;
    expect(refused[0]).toMatchObject({ state: 'problem', detail: 'Stripe refuses the key' });
    const [mode] = await told('stripe key', { STRIPE_LIVEMODE: 'true' });
    expect(mode).toMatchObject({ state: 'problem', detail: expect.stringContaining('STRIPE_LIVEMODE') });
  });

  it('asks Stripe whether it delivers to us', async () => {
    const [elsewhere] = await told('stripe endpoint', { PUBLIC_URL: 'https://elsewhere.mingus.test' });
    expect(elsewhere).toMatchObject({ state: 'problem', mend: expect.stringContaining('PUBLIC_URL') });
  });
});

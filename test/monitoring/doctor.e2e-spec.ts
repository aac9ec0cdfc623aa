import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  const about = async (check: string, env?: Record<string, string | undefined>) =>
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
      if (line === 'STARTTLS') return 'hang up';
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

  it('finds only the problems of the tests: a fake Stripe, and a PostgreSQL without fsync', async () => {
    const problems = (await examine()).filter(({ state }) => state === 'problem');
    expect(problems.map(({ check, detail }) => `${check}: ${detail.split(' ')[0]}`)).toEqual([
      'settings: STRIPE_API_URL',
      'durability: fsync',
      'durability: full_page_writes',
    ]);
  });

  it('names an invalid variable, without its value', async () => {
    const found = await about('configuration', { ADMIN_API_KEY: 'canary-key', PUBLIC_URL: undefined });
    expect(found.map(({ state }) => state)).toEqual(['problem', 'problem']);
    expect(found.map(({ detail }) => detail).join()).toMatch(/ADMIN_API_KEY|PUBLIC_URL/);
    expect(JSON.stringify(found)).not.toContain('canary');
  });

  it('reports that production requires APP_URL, and still checks everything else', async () => {
    const findings = await examine({ APP_URL: undefined });
    expect(findings).toContainEqual({
      check: 'configuration',
      state: 'problem',
      detail: 'APP_URL is required in production',
      mend: expect.any(String),
    });
    expect(findings.find(({ check }) => check === 'database')).toMatchObject({ state: 'ok' });
    expect(
      findings.filter(({ check }) => check === 'settings').map(({ detail }) => detail),
    ).not.toContainEqual(expect.stringContaining('APP_URL'));
  });

  it.each([
    ['PUBLIC_URL', 'http://onboarding.mingus.test', /https/],
    ['APP_URL', 'http://app.mingus.test', /APP_URL is not https/],
    ['APP_URL', 'https://onboarding.mingus.test', /APP_URL is PUBLIC_URL/],
    ['APP_URL', 'https://onboarding.mingus.test/', /APP_URL is PUBLIC_URL/],
    ['STRIPE_LIVEMODE', undefined, /test events/],
    ['TRUSTED_PROXIES', undefined, /proxy/],
  ])('warns of an unusual setting: %s=%s', async (name, value, detail) => {
    const found = await about('settings', { [name]: value });
    expect(found).toContainEqual({
      check: 'settings',
      state: 'warning',
      detail: expect.stringMatching(detail),
      mend: expect.any(String),
    });
  });

  it('reports in production that another host than Stripe gets the key, but not in a trial', async () => {
    expect(await about('settings')).toContainEqual({
      check: 'settings',
      state: 'problem',
      detail: expect.stringContaining('STRIPE_API_URL'),
      mend: expect.stringContaining('Remove'),
    });
    expect(await about('settings', { STRIPE_API_URL: 'https://api.stripe.com' })).not.toContainEqual(
      expect.objectContaining({ detail: expect.stringContaining('STRIPE_API_URL') }),
    );
    expect(await about('settings', { NODE_ENV: 'test' })).toMatchObject([{ state: 'note' }]);
  });

  it('reports a key file without a key, and checks the rest', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mingus-doctor-'));
    const file = join(folder, 'dkim.pem');
    writeFileSync(file, 'no key');
    const dkim = { DKIM_DOMAIN: 'mingus.test', DKIM_SELECTOR: 'a', DKIM_PRIVATE_KEY_FILE: file };

    const findings = await examine(dkim);

    expect(findings).toContainEqual(
      expect.objectContaining({ detail: expect.stringContaining('DKIM_PRIVATE_KEY must be') }),
    );
    expect(new Set(findings.map(({ check }) => check)).size).toBeGreaterThan(1);
    rmSync(folder, { recursive: true });
  });

  it('repeats no line', async () => {
    const lines = (await examine({ SMTP_PORT: 'abc', PORT: 'abc' })).map((finding) =>
      JSON.stringify(finding),
    );
    expect(lines).toEqual([...new Set(lines)]);
  });

  it('reports that the database cannot be reached, and skips the checks that need it', async () => {
    const env = { DATABASE_URL: `postgres://mingus:secret@127.0.0.1:${CLOSED_PORT}/mingus` };
    const [finding] = await about('database', env);
    expect(finding).toMatchObject({ state: 'problem', mend: expect.stringContaining('DATABASE_URL') });
    expect(JSON.stringify(finding)).not.toContain('secret');
    expect((await about('schema', env)).map(({ state }) => state)).toEqual(['skipped']);
  });

  it('reports that the schema is missing, or of another release', async () => {
    const [finding] = await about('schema', { DATABASE_URL: empty.url });
    expect(finding).toMatchObject({ state: 'problem', mend: expect.stringMatching(/migrat/i) });
  });

  it("names the rights that a role lacks; the migrations' role has all rights", async () => {
    const lacking = await about('rights', { DATABASE_URL: asRole() });
    expect(lacking[0]).toMatchObject({
      state: 'problem',
      mend: expect.stringContaining('docs/production.md'),
    });

    await database.rows(`grant mingus_onboarding_app to ${role}`);
    expect(await about('rights', { DATABASE_URL: asRole() })).toEqual([]);
  });

  it.each([
    ['update, delete on', 'has delete, update on public.audit_entries'],
    ['update (details) on', 'has update on public.audit_entries'],
    ['truncate on', 'has truncate on public.audit_entries'],
    ['trigger on', 'has trigger on public.audit_entries'],
  ])('warns of a role that could change the audit: %s', async (right, detail) => {
    await database.rows(`grant mingus_onboarding_app to ${role}`);
    await database.rows(`grant ${right} audit_entries to ${role}`);

    const found = await about('rights', { DATABASE_URL: asRole() });

    await database.rows(`revoke ${right} audit_entries from ${role}`);
    expect(found).toMatchObject([{ state: 'warning', detail: expect.stringContaining(detail) }]);
  });

  it('reports whether the hashes of the audit can be exported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mingus-heads-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    expect(await about('audit heads')).toMatchObject([{ state: 'note' }]);
    expect(await about('audit heads', { AUDIT_HEADS_FILE: join(folder, 'heads.log') })).toEqual([]);
    const missing = join(folder, 'missing', 'heads.log');
    expect(await about('audit heads', { AUDIT_HEADS_FILE: missing })).toMatchObject([
      { state: 'problem', detail: 'AUDIT_HEADS_FILE cannot be written: ENOENT' },
    ]);
  });

  it('reports that commits are not written to disk', async () => {
    await database.rows(`alter role ${role} set synchronous_commit = off`);
    const found = await about('durability', { DATABASE_URL: asRole() });
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
  ])("compares the clock with Stripe's: a difference of %i ms is a %s", async (offset, state) => {
    stripe.now = () => new Date(Date.now() + offset);
    const [finding] = await about('clock');
    stripe.now = () => new Date();
    expect(finding).toMatchObject({
      state,
      detail: expect.stringContaining('Stripe'),
      mend: expect.any(String),
    });
  });

  it('tries the login at the mail server', async () => {
    const login = { SMTP_USERNAME: 'mingus', SMTP_PASSWORD: 'canary-password', SMTP_TLS: 'opportunistic' };
    const [refused] = await about('smtp', login);
    expect(refused).toMatchObject({ state: 'problem', mend: expect.stringContaining('SMTP_PASSWORD') });
    expect(JSON.stringify(refused)).not.toContain('canary');
    const [noTls] = await about('smtp', { SMTP_TLS: 'implicit' });
    expect(noTls).toMatchObject({ state: 'problem', detail: expect.stringMatching(/ETLS, ERR_SSL_\w+/) });
    const [ended] = await about('smtp', { SMTP_TLS: 'required' });
    expect(ended).toMatchObject({ state: 'problem', detail: expect.stringContaining('(ETLS') });
    const [closed] = await about('smtp', { SMTP_PORT: CLOSED_PORT });
    expect(closed).toMatchObject({ state: 'problem', mend: expect.stringContaining('SMTP_PORT') });
  });

  it('asks Stripe whether the key is valid and of the right mode', async () => {
    stripe.outage = 401;
    const refused = await about('stripe key');
    stripe.outage = null;
    expect(refused[0]).toMatchObject({ state: 'problem', detail: 'Stripe refuses the key' });
    const [mode] = await about('stripe key', { STRIPE_LIVEMODE: 'true' });
    expect(mode).toMatchObject({ state: 'problem', detail: expect.stringContaining('STRIPE_LIVEMODE') });
  });

  it('warns that alerts have no route', async () => {
    expect(await about('alert routes')).toMatchObject([
      { state: 'warning', mend: expect.stringContaining('ALERT_EMAIL_TO') },
    ]);
    expect(await about('alert routes', { ALERT_EMAIL_TO: 'ops@mingus.test' })).toEqual([]);
    expect(await about('alert routes', { ALERT_WEBHOOK_URL: 'https://hooks.mingus.test/x' })).toEqual([]);
  });

  it('reports that no worker runs, while other processes do', async () => {
    expect(await about('workers')).toMatchObject([{ state: 'note' }]);
    await database.rows(
      `insert into alerts (name, state, since, value, detail, evaluated_at)
       values ('no_worker', 'inactive', now(), 0, '', now())`,
    );
    expect(await about('workers')).toMatchObject([
      { state: 'problem', mend: expect.stringContaining('PROCESS_ROLES') },
    ]);
    await database.rows(`update alerts set evaluated_at = now() - interval '1 hour'`);
    expect(await about('workers')).toMatchObject([{ state: 'warning' }]);
    await database.rows(`insert into job_workers values ('one', now())`);
    expect(await about('workers')).toEqual([]);
    await database.rows('delete from alerts');
    await database.rows('delete from job_workers');
  });

  it('reports revenue that is not the sum of its movements', async () => {
    expect(await about('revenue')).toMatchObject([{ state: 'note' }]);
    await database.rows('insert into revenue_checks values (1, now(), now(), 2)');
    expect(await about('revenue')).toMatchObject([
      { state: 'problem', detail: expect.stringMatching(/^The revenue of 2 customers was not the sum/) },
    ]);
    await database.rows('update revenue_checks set differences = 0');
    expect(await about('revenue')).toEqual([]);
    await database.rows('delete from revenue_checks');
  });

  it('reports the size of the database and of its largest tables', async () => {
    expect(await about('storage')).toMatchObject([
      { state: 'note', detail: expect.stringMatching(/^The database has [\d.]+ MB; its largest tables: /) },
    ]);
  });

  it('prints each line once, with other faults as well', async () => {
    stripe.outage = 401;
    const env = { DATABASE_URL: `postgres://mingus:secret@127.0.0.1:${CLOSED_PORT}/mingus` };
    const lines = (await examine(env)).map(({ check, state, detail }) =>
      state === 'skipped' ? `${check}: ${detail}` : detail,
    );
    stripe.outage = null;
    expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
    expect(lines.filter((line) => line === 'Stripe refuses the key')).toHaveLength(1);
  });

  it('asks Stripe whether it delivers to us', async () => {
    const [elsewhere] = await about('stripe endpoint', { PUBLIC_URL: 'https://elsewhere.mingus.test' });
    expect(elsewhere).toMatchObject({ state: 'problem', mend: expect.stringContaining('PUBLIC_URL') });
  });
});

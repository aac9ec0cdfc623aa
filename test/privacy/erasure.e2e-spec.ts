import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { runCommand } from '../support/process/command-line.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { ADMIN_KEY, deliver, request } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const USER = 'user-canary-1';
const EMAIL = 'canary.mail@canary.example';
const OLD_EMAIL = 'canary.before@canary.example';
/** A person with personal data in every field. */
const PERSON = {
  email: OLD_EMAIL,
  name: 'Canary Name',
  phone: '+1 555 canary',
  description: 'Canary description',
  address: { line1: '1 Canary Street', city: 'Canary City', country: 'US', postal_code: null, state: null },
  shipping: { name: 'Canary Shipping', address: { line1: '2 Canary Road' } },
  metadata: { mingus_user_id: USER, note: 'canary metadata', source: 'newsletter' },
  preferred_locales: ['es'],
  invoice_settings: { footer: 'Canary footer' },
  something_new: 'Canary field of tomorrow',
};
const CANARY = /canary/i;

describe('a person who is erased', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  let stripe: FakeStripe;
  let service: ServiceProcess;
  const other = aCustomer({ metadata: { mingus_user_id: 'another' }, email: 'other@example.com' });
  const customer = aCustomer({ ...PERSON, created: Math.floor(Date.now() / 1000) - 600 });
  const created = anEvent(customer);
  const env = () =>
    productionEnvironment(database.url, smtp.port, {
      LOG_LEVEL: 'trace',
      STRIPE_API_URL: stripe.url,
      STRIPE_RATE_LIMIT: '0',
      NOTIFICATION_CHANNELS: 'email,in_app',
    });

  const admin = (path: string, body?: Fields) =>
    request(`${service.url}/admin/${path}`, {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${ADMIN_KEY}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const erase = (confirm: unknown) => admin(`customers/${customer.id}/erase`, { confirm });
  const linesWith = async (pattern: RegExp) =>
    (await database.dump()).split('\n').filter((line) => pattern.test(line));
  const update = (fields: Fields, seconds: number) =>
    deliver(
      service.url,
      anEvent(
        { ...customer, ...fields },
        { type: 'customer.updated', created: Math.floor(Date.now() / 1000) + seconds },
      ),
    );

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
    stripe = await FakeStripe.start();
    service = await ServiceProcess.start(env());
    for (const user of [
      { id: USER, email: EMAIL, name: 'Canary User' },
      { id: 'another', email: 'other@example.com', name: 'Other' },
    ]) {
      expect((await admin('users', user)).status).toBe(201);
    }
    stripe.put({ ...customer, email: EMAIL });
    stripe.put(other);
    for (const event of [created, anEvent(other)])
      expect((await deliver(service.url, event)).status).toBe(200);
    await update({ email: EMAIL }, 5);
    await admin('suppressions', { address: OLD_EMAIL });
    await admin(`customers/${customer.id}/portal-access/suspend`, { reason: 'canary reason' });
    await waitFor(
      'all that was queued',
      async () => (await database.count('notifications', `status = 'queued'`)) === 0,
    );
    // A waiting job of the person, merged with a payload of another person.
    await database.rows(
      `select graphile_worker.add_job('resolve-pending-events', $1::json, run_at := now() + interval '1 hour')`,
      [JSON.stringify([{ userId: 'another' }, { userId: EMAIL }, { userId: EMAIL.toUpperCase() }])],
    );
  });
  afterAll(async () => {
    await service.end('SIGTERM');
    await Promise.all([smtp.stop(), stripe.stop()]);
    await database.drop();
  });

  it('can get all stored data first', async () => {
    const { status, body, headers } = await admin(`customers/${customer.id}/export`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    const text = JSON.stringify(body);
    for (const value of [
      'Canary Name',
      '1 Canary Street',
      'Canary User',
      EMAIL,
      OLD_EMAIL,
      'Canary field of tomorrow',
    ])
      expect(text).toContain(value);
    expect(body.tables.notifications.length).toBeGreaterThan(2);
    expect(body.tables.suppressions).toMatchObject([{ address: OLD_EMAIL }]);
    expect(text).not.toMatch(/other@example.com|token_hash/);
  });

  it.each([[undefined], [''], ['cus_another'], [{}]])(
    'is not erased without confirmation: %j',
    async (confirm) => {
      expect((await erase(confirm)).status).toBe(400);
      expect((await linesWith(/Canary Name/)).length).toBeGreaterThan(0);
    },
  );

  it('is in no table and no log afterwards, while others still are', async () => {
    const { status, body } = await erase(customer.id);
    expect(status).toBe(200);
    expect(body).toMatchObject({ stripeCustomerId: customer.id, erasedAt: expect.any(String) });

    expect(await linesWith(/canary[^-]/i)).toEqual([]);
    const left = await linesWith(CANARY);
    expect(left.map((line) => line.split(' ')[0])).toEqual(left.map(() => 'public.audit_entries'));
    expect(left.every((line) => line.includes(USER))).toBe(true);
    expect(service.output).not.toMatch(CANARY);
    expect((await linesWith(/other@example.com/)).length).toBeGreaterThan(2);
    const [job] = await database.rows<{ payload: unknown }>(
      `select payload from graphile_worker._private_jobs where run_at > now()`,
    );
    expect(job?.payload).toEqual([{ userId: 'another' }]);
  });

  it('is a tombstone: no portal, no messages, churned', async () => {
    const { body } = await admin(`customers/${customer.id}`);
    expect(body).toMatchObject({
      email: '',
      name: null,
      userId: null,
      deletedAt: expect.any(String),
      portalAccess: { status: 'revoked' },
      lifecycle: { stage: 'churned' },
    });
  });

  it('is not stored again by a retry, an update, a deletion, a replay or a comparison with Stripe', async () => {
    const again = [
      await deliver(service.url, created),
      await update({ email: EMAIL, name: 'Canary Again' }, 60),
    ];
    again.push(await deliver(service.url, anEvent(customer)));
    again.push(await deliver(service.url, anEvent(customer, { type: 'customer.deleted' })));
    expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await admin(`webhook-events/${created.id}/replay`, {})).status).toBe(409);
    const run = await admin('reconciliations', { notify: 'all' });
    await waitFor(
      'the comparison',
      async () => (await admin(`reconciliations/${run.body.id}`)).body.status === 'complete',
    );

    expect(await linesWith(/canary[^-]/i)).toEqual([]);
    expect(await database.count('customers', `stripe_customer_id = '${customer.id}'`)).toBe(1);
    expect(service.output).not.toMatch(CANARY);
  });

  it('can be erased again without effect', async () => {
    const before = await database.count('audit_entries');
    expect((await erase(customer.id)).status).toBe(200);
    expect(await database.count('audit_entries')).toBe(before);
  });

  it('is provably erased: the audit holds the time and the operator, and its seals hold', async () => {
    const [entry] = await database.rows(
      `select actor_name, object_id from audit_entries where action = 'customer.erased'`,
    );
    expect(entry).toEqual({ actor_name: 'ADMIN_API_KEY', object_id: customer.id });
    const { exitCode, stdout } = await runCommand(['audit', 'verify'], env());
    expect(stdout).toContain('The audit trail is unchanged');
    expect(exitCode).toBe(0);
  });

  it.each([
    ['customers/cus_unknown/erase', { confirm: 'cus_unknown' }, 404],
    ['customers/cus_unknown/export', undefined, 404],
  ])('%s is answered with %j %i', async (path, body, status) => {
    expect((await admin(path, body)).status).toBe(status);
  });
});

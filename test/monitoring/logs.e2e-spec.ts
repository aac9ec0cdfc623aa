import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser, type Fields } from '../support/builders.js';
import { makeEverythingDue } from '../support/jobs.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { smtpReply, SmtpSink } from '../support/mail/smtp-sink.js';
import { ADMIN_KEY, deliver, request, WEBHOOK_SECRET } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

/** Texts that must not appear in a log. */
const CANARY = {
  email: 'canary.mail@canary-domain.example',
  otherEmail: 'canary.second@canary-domain.example',
  name: 'Canaria Canaryson',
  phone: '+49 30 901820',
  street: 'Canarystrasse 17',
  description: 'canary-description',
  metadata: 'canary-metadata',
  smtpPassword: 'canary-smtp-password',
  wrongKey: 'canary-wrong-admin-key-0123456789abcdef',
  stripeKey: 'sk_test_canary0123456789',
};

describe('the log of a whole run at level debug', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  let service: ServiceProcess;
  let refuses: number | null = null;

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start({
      authOptional: false,
      onAuth: (_auth, _session, callback) => callback(null, { user: 'mingus' }),
      onRcptTo: ({ address }, _session, callback) => {
        const error = refuses === null ? null : smtpReply(refuses);
        if (error) error.message = `No mailbox for ${CANARY.name} <${address}>`;
        callback(error);
      },
    });
    service = await ServiceProcess.start(
      productionEnvironment(database.url, smtp.port, {
        LOG_LEVEL: 'debug',
        SMTP_USERNAME: 'mingus',
        SMTP_PASSWORD: CANARY.smtpPassword,
        STRIPE_SECRET_KEY: CANARY.stripeKey,
      }),
    );
  });
  afterAll(async () => {
    await service.end();
    await smtp.stop();
    await database.drop();
  });

  const admin = (path: string, body: unknown, key = ADMIN_KEY) =>
    request(`${service.url}/admin/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  async function createUser() {
    const { id } = (await admin('users', aUser({ email: CANARY.email, name: CANARY.name }))).body;
    return { mingus_user_id: id as string, note: CANARY.metadata };
  }

  const aCanary = (fields: Fields = {}) =>
    aCustomer({
      email: CANARY.email,
      name: CANARY.name,
      phone: CANARY.phone,
      description: CANARY.description,
      address: { line1: CANARY.street, country: 'DE' },
      ...fields,
    });

  /** Runs through the life of events, messages and requests. */
  async function run(): Promise<void> {
    const created = anEvent(aCanary({ metadata: await createUser() }));
    const refused = [
      await deliver(service.url, created),
      await deliver(service.url, created),
      await deliver(service.url, anEvent(aCanary({ metadata: { note: CANARY.metadata } }))),
      await deliver(service.url, anEvent(aCanary({ email: `${CANARY.email}@`, metadata: {} }))),
      await deliver(service.url, anEvent(aCanary({ metadata: { mingus_user_id: CANARY.otherEmail } }))),
      await deliver(
        service.url,
        anEvent(aCanary({ metadata: { mingus_user_id: 'x', tags: [CANARY.name] } })),
      ),
      await deliver(service.url, anEvent(aCanary(), { type: 'customer.source.created' })),
      await deliver(service.url, created, { secret: 'whsec_canary_wrong_secret' }),
      await deliver(service.url, `{"email":"${CANARY.email}"`),
      await deliver(service.url, JSON.stringify({ id: CANARY.name, object: aCanary() })),
      await deliver(service.url, anEvent(aCanary({ description: CANARY.email.repeat(20_000) }))),
      await admin('users', { id: '', email: CANARY.email, name: [CANARY.name] }),
      await admin('users', `{"email":"${CANARY.email}",`),
      await admin('users', aUser({ email: CANARY.email }), CANARY.wrongKey),
      await request(`${service.url}/admin/customers?email=${CANARY.email}&cursor=${CANARY.name}`, {
        headers: { authorization: `Bearer ${ADMIN_KEY}` },
      }),
      await request(`${service.url}/${CANARY.otherEmail}?key=${CANARY.wrongKey}`, {}),
    ];
    expect(refused.map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 200, 200, 200, 400, 400, 400, 413, 400, 400, 401, 400, 404,
    ]);
    await waitFor('mails sent', () => smtp.to(CANARY.email).length === 3);
    for (const code of [451, 554]) {
      refuses = code;
      await deliver(service.url, anEvent(aCanary({ metadata: await createUser() })));
      await waitFor('refused', async () => {
        return (await database.count('notification_attempts', `smtp_code = ${code}`)) === 3;
      });
    }
    await breakTheDatabase();
  }

  /** Constraints whose errors quote the rejected row: one in a webhook, one in a job. */
  async function breakTheDatabase(): Promise<void> {
    await database.rows(`alter table customers add constraint ck_refused check (name <> 'x${CANARY.name}')`);
    const event = anEvent(aCanary({ name: `x${CANARY.name}`, metadata: await createUser() }));
    expect((await deliver(service.url, event)).body.success).toBe(false);
    await database.rows('alter table notification_attempts rename to notification_attempts_gone');
    refuses = null;
    await makeEverythingDue(database);
    await waitFor('a job failed', () => service.output.includes('"job failed"'));
    await database.rows('alter table notification_attempts_gone rename to notification_attempts');
    await database.rows('alter table portal_accesses rename to portal_accesses_gone');
    const down = await deliver(service.url, anEvent(aCanary({ metadata: await createUser() })));
    expect(down.status).toBe(503);
  }

  it('holds no address, name, payload, password, key or secret', async () => {
    await run();
    expect(await service.end()).toBe(0);

    const lines = service.output.split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThan(30);
    const secrets = [...Object.values(CANARY), ADMIN_KEY, WEBHOOK_SECRET, new URL(database.url).password];
    for (const secret of secrets) {
      expect(lines.filter((line) => line.toLowerCase().includes(secret.toLowerCase()))).toEqual([]);
    }
    expect(service.output).not.toMatch(/canar(y|ia)[^_]/i);
  });
});

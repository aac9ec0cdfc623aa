import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, aUser } from '../support/builders.js';
import { FakeStripe } from '../support/fake-stripe/fake-stripe.js';
import { type PortalCalls, portalRoutes } from '../support/fake-stripe/portal-routes.js';
import { productionEnvironment, ServiceProcess } from '../support/process/service-process.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { ADMIN_KEY, deliver, request, SERVICE_KEY } from '../support/test-app.js';
import { TestDatabase } from '../support/database/test-database.js';
import { waitFor } from '../support/wait-for.js';

const TOKEN = /\/portal\/links\/(pl_[\w-]{43})/;

describe('tokens of links and URLs of portal sessions', () => {
  let database: TestDatabase;
  let smtp: SmtpSink;
  let stripe: FakeStripe;
  let service: ServiceProcess;
  const portal: PortalCalls = { sessions: [], configurations: new Map() };

  beforeAll(async () => {
    database = await TestDatabase.create();
    smtp = await SmtpSink.start();
    stripe = await FakeStripe.start();
    stripe.serve(...portalRoutes(stripe.state, portal));
    const env = { LOG_LEVEL: 'trace', STRIPE_API_URL: stripe.url };
    service = await ServiceProcess.start(productionEnvironment(database.url, smtp.port, env));
  });
  afterAll(async () => {
    await stripe.stop();
    await smtp.stop();
    await database.drop();
  });

  const post = (path: string, key: string, body: unknown = {}) =>
    request(`${service.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const press = (token: string) =>
    request(`${service.url}/portal/links/${token}`, { method: 'POST', redirect: 'manual' });

  it('are in no log and in no table', async () => {
    const { id: userId } = (await post('/admin/users', ADMIN_KEY, aUser())).body;
    const customer = aCustomer({ metadata: { mingus_user_id: userId } });
    stripe.put(customer);
    await deliver(service.url, anEvent(customer));
    const token = await waitFor('a link mailed', () => {
      const texts = smtp.to(customer.email).map(({ mail }) => TOKEN.exec(mail.text ?? '')?.[1]);
      return texts.find((found) => found !== undefined);
    });

    stripe.failNext(500);
    await request(`${service.url}/portal/links/${token}`, {});
    await press(token);
    await press(token);
    await press(token);
    await request(`${service.url}/portal/links/${token}`, { method: 'PUT' });
    await request(`${service.url}/portal/links/${token}/more?token=${token}`, {});
    await post(`/users/${userId}/portal-sessions`, SERVICE_KEY);
    await database.rows('alter table portal_links rename to portal_links_gone');
    expect((await press(token)).status).toBe(503);
    await database.rows('alter table portal_links_gone rename to portal_links');

    expect(portal.sessions).toHaveLength(2);
    const stored = await database.dump();
    expect(stored).toContain(customer.email);
    expect(await service.end()).toBe(0);
    expect(service.output).toContain('"portal session not opened"');
    for (const secret of [token, ...portal.sessions.map(({ url }) => url), '/p/session/', SERVICE_KEY]) {
      expect(stored.includes(secret)).toBe(false);
      expect(service.output.includes(secret)).toBe(false);
    }
  });
});

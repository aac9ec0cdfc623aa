import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { queuedJobs } from '../support/jobs.js';
import { hasEnded, type NotificationView, waitForEach } from '../support/mail/deliveries.js';
import { TcpProxy } from '../support/database/tcp-proxy.js';
import { TestDatabase } from '../support/database/test-database.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** Longer than what a delivery has read of its message is used. */
const TOO_LATE_MS = 1200;

describe('a message that waits for a connection', () => {
  let smtp: SmtpSink;
  let service: TestApp;
  let held: (() => void)[];
  let customer: ReturnType<typeof aCustomer>;

  beforeEach(async () => {
    held = [];
    smtp = await SmtpSink.start({
      onMessage: () => new Promise<null>((accept) => held.push(() => accept(null))),
    });
    service = await TestApp.start({ jobs: true, smtp, env: { SMTP_MAX_CONNECTIONS: '1' } });
    customer = aCustomer({ metadata: (await service.createUser()).metadata });
    await service.deliver(anEvent(customer));
    await waitFor('one being sent, one waiting', () => held.length === 1);
    await sleep(TOO_LATE_MS);
  });
  afterEach(async () => {
    await service.stop();
    await smtp.stop();
  });

  const acceptAll = async () => {
    const accepting = setInterval(() => held.splice(0).forEach((accept) => accept()), 20);
    const ended = await waitForEach(service, customer, 'each ended', hasEnded);
    clearInterval(accepting);
    return ended.map(({ status, reason }) => `${status} ${reason}`).toSorted();
  };
  const event = (type: string, fields = {}) =>
    service.deliver(
      anEvent({ ...customer, ...fields }, { type, created: Math.floor(Date.now() / 1000) + 5 }),
    );

  it('is not sent when it is cancelled meanwhile', async () => {
    const { body } = await service.admin(`customers/${customer.id}`);
    for (const { id } of body.notifications as NotificationView[])
      await service.admin(`notifications/${id}/cancel`, {});

    for (const accept of held) accept();
    await waitFor(
      'one sent',
      async () => (await service.database.count('notifications', `status = 'sent'`)) === 1,
    );
    await waitFor(
      'no job left',
      async () => (await queuedJobs(service.database, 'deliver-notification')).length === 0,
    );
    expect(smtp.to(customer.email)).toHaveLength(1);
  });

  it('is not sent when its customer is deleted meanwhile', async () => {
    await event('customer.deleted');

    expect((await acceptAll()).slice(0, 2)).toEqual(Array(2).fill('cancelled customer_deleted'));
    expect(smtp.to(customer.email)).toHaveLength(1);
  });

  it('is not sent when its address is suppressed meanwhile', async () => {
    await service.admin('suppressions', { address: customer.email });

    expect(await acceptAll()).toEqual([
      'sent null',
      'suppressed suppressed_address',
      'suppressed suppressed_address',
    ]);
    expect(smtp.to(customer.email)).toHaveLength(1);
  });

  it('is sent to the address that was corrected meanwhile', async () => {
    await event('customer.updated', { email: `right.${customer.email}` });

    expect(await acceptAll()).toEqual(Array(3).fill('sent null'));
    expect(smtp.to(customer.email)).toHaveLength(1);
    expect(smtp.to(`right.${customer.email}`)).toHaveLength(2);
  });
});

describe('a message that waits for its turn near a cap', () => {
  it('is not sent when it is cancelled meanwhile', async () => {
    const held: (() => void)[] = [];
    const onMessage = () => new Promise<null>((accept) => held.push(() => accept(null)));
    const smtp = await SmtpSink.start({ onMessage });
    const env = { MAIL_MAX_PER_RECIPIENT_DAY: '4', SMTP_MAX_CONNECTIONS: '3' };
    const service = await TestApp.start({ jobs: true, smtp, env });
    onTestFinished(async () => {
      await service.stop();
      await smtp.stop();
    });
    const customer = aCustomer({ metadata: (await service.createUser()).metadata });
    await service.deliver(anEvent(customer));
    await waitFor('two being sent, one waiting', () => held.length === 2);
    await sleep(TOO_LATE_MS);
    const { body } = await service.admin(`customers/${customer.id}`);
    for (const { id } of body.notifications as NotificationView[])
      await service.admin(`notifications/${id}/cancel`, {});

    for (const accept of held) accept();

    await waitFor(
      'no job left',
      async () => (await queuedJobs(service.database, 'deliver-notification')).length === 0,
    );
    expect(smtp.to(customer.email)).toHaveLength(2);
  });
});

describe('a message that waits for the database alone', () => {
  it('leaves, however slow that is', async () => {
    const database = await TestDatabase.create();
    const url = new URL(database.url);
    const proxy = await TcpProxy.start(Number(url.port));
    url.port = String(proxy.port);
    const slow: TestDatabase = Object.create(database, { url: { value: url.href } });
    const service = await TestApp.start({ jobs: true, database: slow });
    onTestFinished(async () => {
      proxy.delayMs = 0;
      await service.stop();
      await proxy.stop();
      await database.drop();
    });
    const customer = aCustomer({ metadata: (await service.createUser()).metadata });
    proxy.delayMs = 500;

    await service.deliver(anEvent(customer));

    await waitFor('three mails', () => service.smtp.to(customer.email).length === 3);
    expect(await database.count('portal_links')).toBe(1);
  });
});

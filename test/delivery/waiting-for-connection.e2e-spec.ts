import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import { untilNoJob } from '../support/jobs.js';
import { hasEnded, type NotificationView, waitForEach } from '../support/mail/deliveries.js';
import { TcpProxy } from '../support/database/tcp-proxy.js';
import { TestDatabase } from '../support/database/test-database.js';
import { withHeldMail } from '../support/mail/held-mail.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** Longer than a delivery may use what it has read about its message. */
const TOO_LATE_MS = 1200;

/**
 * A customer whose first messages are being sent while the last one waits, long enough that its data must be
 * read again.
 */
async function aWaitingMessage(env: Record<string, string>, underWay: number) {
  const { service, mail } = await withHeldMail(env);
  const customer = aCustomer({ metadata: (await service.createUser()).metadata });
  await service.deliver(anEvent(customer));
  await waitFor('some being sent, one waiting', () => mail.held === underWay);
  await sleep(TOO_LATE_MS);
  return {
    service,
    customer,
    mail,
    mailsTo: (email: string) => service.smtp.to(email).length,
    /** The outcome of each message after the mail server is fast again. */
    async ended() {
      mail.open();
      const ended = await waitForEach(service, customer, 'each ended', hasEnded);
      await untilNoJob(service.database, 'deliver-notification');
      return ended.map(({ status, reason }) => `${status} ${reason}`).toSorted();
    },
    sendEvent(type: string, fields = {}) {
      const created = Math.floor(Date.now() / 1000) + 5;
      return service.deliver(anEvent({ ...customer, ...fields }, { type, created }));
    },
    async cancelAll() {
      const { body } = await service.admin(`customers/${customer.id}`);
      for (const { id } of body.notifications as NotificationView[])
        await service.admin(`notifications/${id}/cancel`, {});
    },
  };
}

describe('a message that waits for a connection', () => {
  const ONE_CONNECTION = { SMTP_MAX_CONNECTIONS: '1' };

  it('is not sent if it was cancelled', async () => {
    const { customer, cancelAll, ended, mailsTo } = await aWaitingMessage(ONE_CONNECTION, 1);
    await cancelAll();

    await ended();

    expect(mailsTo(customer.email)).toBe(1);
  });

  it('is not sent if its customer was deleted', async () => {
    const { customer, sendEvent, ended, mailsTo } = await aWaitingMessage(ONE_CONNECTION, 1);
    await sendEvent('customer.deleted');

    expect((await ended()).slice(0, 2)).toEqual(Array(2).fill('cancelled customer_deleted'));
    expect(mailsTo(customer.email)).toBe(1);
  });

  it('is not sent if its address was suppressed', async () => {
    const { service, customer, ended, mailsTo } = await aWaitingMessage(ONE_CONNECTION, 1);
    await service.admin('suppressions', { address: customer.email });

    expect(await ended()).toEqual([
      'sent null',
      'suppressed suppressed_address',
      'suppressed suppressed_address',
    ]);
    expect(mailsTo(customer.email)).toBe(1);
  });

  it('is sent to the corrected address', async () => {
    const { customer, sendEvent, ended, mailsTo } = await aWaitingMessage(ONE_CONNECTION, 1);
    await sendEvent('customer.updated', { email: `right.${customer.email}` });

    expect(await ended()).toEqual(Array(3).fill('sent null'));
    expect(mailsTo(customer.email)).toBe(1);
    expect(mailsTo(`right.${customer.email}`)).toBe(2);
  });
});

describe('a message that waits for its turn near a cap', () => {
  it('is not sent if it was cancelled', async () => {
    const nearCap = { MAIL_MAX_PER_RECIPIENT_DAY: '4', SMTP_MAX_CONNECTIONS: '3' };
    const { customer, cancelAll, ended, mailsTo } = await aWaitingMessage(nearCap, 2);
    await cancelAll();

    await ended();

    expect(mailsTo(customer.email)).toBe(2);
  });
});

describe('a message that waits for the database alone', () => {
  it('is sent, however slow the database is', async () => {
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

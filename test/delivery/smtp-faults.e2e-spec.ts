import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { MAIL_TRANSPORT, type MailTransport } from '../../src/notifications/email/mail-transport.js';
import { findFreePort } from '../support/free-port.js';
import {
  hasEnded,
  isPostponed,
  isSent,
  onboard,
  waitForEach,
  waitUntilSent,
} from '../support/mail/deliveries.js';
import { makeEverythingDue } from '../support/jobs.js';
import { smtpReply, SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

describe('a mail server that refuses', () => {
  /** The server's replies by step. Without a reply it accepts. */
  let replies: { mailFrom?: number; rcptTo?: number; data?: number; unless?: string } = {};
  let sendersSeen = 0;
  let smtp: SmtpSink;
  let service: TestApp;

  beforeAll(async () => {
    smtp = await SmtpSink.start({
      onMailFrom: (_address, _session, callback) => {
        sendersSeen += 1;
        callback(replies.mailFrom ? smtpReply(replies.mailFrom) : null);
      },
      onMessage: () => (replies.data ? smtpReply(replies.data) : null),
      onRcptTo: ({ address }, _session, callback) =>
        callback(replies.rcptTo && address !== replies.unless ? smtpReply(replies.rcptTo) : null),
    });
    service = await TestApp.start({ jobs: true, smtp });
  });
  afterEach(async () => {
    replies = {};
    await makeEverythingDue(service.database);
  });
  afterAll(async () => {
    await service.stop();
    await smtp.stop();
  });

  it.each([
    ['450 to the recipient', { rcptTo: 450 }, 450],
    ['451 to the recipient', { rcptTo: 451 }, 451],
    ['451 to the sender', { mailFrom: 451 }, 451],
    ['451 to the message', { data: 451 }, 451],
  ])('for now (%s) gets the message again later', async (_, scripted, smtpCode) => {
    replies = scripted;
    const customer = await onboard(service);

    const deferred = await waitForEach(service, customer, 'each deferred', isPostponed);

    for (const { status, attempts, attemptLog } of deferred) {
      expect({ status, attempts }).toEqual({ status: 'queued', attempts: 1 });
      expect(attemptLog).toMatchObject([{ outcome: 'deferred', smtpCode }]);
    }
    replies = {};
    await makeEverythingDue(service.database);
    await waitForEach(service, customer, 'each sent', isSent);
    expect(smtp.to(customer.email)).toHaveLength(3);
  });

  it.each([
    ['554 to the recipient', { rcptTo: 554 }, 554],
    ['552 to the message', { data: 552 }, 552],
    ['554 to the message', { data: 554 }, 554],
  ])('for good (%s) does not get the message again', async (_, scripted, smtpCode) => {
    replies = scripted;
    const customer = await onboard(service);

    const failed = await waitForEach(service, customer, 'each ended', hasEnded);

    for (const { status, reason, nextAttemptAt, attemptLog } of failed) {
      expect({ status, reason, nextAttemptAt }).toEqual({
        status: 'failed',
        reason: 'refused',
        nextAttemptAt: null,
      });
      expect(attemptLog).toMatchObject([{ outcome: 'refused', smtpCode }]);
    }
    replies = {};
    await makeEverythingDue(service.database);
    const next = await onboard(service);
    await waitForEach(service, next, 'the next ones sent', isSent);
    expect(smtp.to(customer.email)).toEqual([]);
  });

  it('one recipient does not delay the others', async () => {
    const good = `good-${Date.now()}@example.com`;
    replies = { rcptTo: 451, unless: good };
    const refused = await onboard(service);
    const accepted = await onboard(service, good);

    await waitForEach(service, accepted, 'each sent', isSent);

    const notifications = await waitForEach(service, refused, 'each deferred', isPostponed);
    expect(notifications.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);
  });

  it('our own sender (5xx to MAIL FROM) pauses the channel: no attempt counts, nothing is sent', async () => {
    replies = { mailFrom: 550 };
    const first = await onboard(service);
    const paused = await waitForEach(service, first, 'each postponed', isPostponed);
    replies = {};
    const sendersBefore = sendersSeen;

    const second = await onboard(service);

    const waiting = await waitForEach(service, second, 'each postponed', isPostponed);
    expect([...paused, ...waiting].map(({ attempts, status }) => ({ attempts, status }))).toEqual(
      Array.from({ length: 6 }, () => ({ attempts: 0, status: 'queued' })),
    );
    expect(waiting.flatMap(({ attemptLog }) => attemptLog)).toEqual([]);
    expect(sendersSeen).toBe(sendersBefore);
    await waitUntilSent(service, first);
    await waitUntilSent(service, second);
  });

  it('for too long ends the notification as failed, with the reason', async () => {
    replies = { rcptTo: 451 };
    const customer = await onboard(service);
    await waitForEach(service, customer, 'each deferred', isPostponed);
    await service.database.rows(`update notifications set attempts = 16 where status = 'queued'`);

    await makeEverythingDue(service.database);

    const failed = await waitForEach(service, customer, 'each ended', hasEnded);
    for (const { status, reason, nextAttemptAt } of failed) {
      expect({ status, reason, nextAttemptAt }).toEqual({
        status: 'failed',
        reason: 'retries_exhausted',
        nextAttemptAt: null,
      });
    }
  });
});

describe('a mail server that rejects our password', () => {
  it('pauses the channel: no attempt counts, and there is no connection until the pause has ended', async () => {
    let accepts = false;
    let connections = 0;
    const smtp = await SmtpSink.start({
      authOptional: false,
      onConnect: (_session, callback) => {
        connections += 1;
        callback();
      },
      onAuth: (_auth, _session, callback) => callback(accepts ? null : smtpReply(535), { user: 'mingus' }),
    });
    const service = await TestApp.start({
      jobs: true,
      smtp,
      env: { SMTP_USERNAME: 'mingus', SMTP_PASSWORD: 'swordfish-0123' },
    });
    onTestFinished(async () => {
      await service.stop();
      await smtp.stop();
    });
    const customer = await onboard(service);
    const paused = await waitForEach(service, customer, 'each postponed', isPostponed);
    expect(paused.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
    expect(paused.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
      expect.objectContaining({ outcome: 'channel_fault', smtpCode: 535, errorCode: 'EAUTH' }),
    );
    expect(await service.database.rows('select channel, reason from notification_channel_states')).toEqual([
      { channel: 'email', reason: '535' },
    ]);

    const connectionsBefore = connections;
    const next = await onboard(service);
    await waitForEach(service, next, 'each postponed', isPostponed);
    expect(connections).toBe(connectionsBefore);

    accepts = true;
    await waitUntilSent(service, customer);
    await waitUntilSent(service, next);
  });
});

describe('a mail server that is down', () => {
  it('gets every message once it is back', async () => {
    const gone = await SmtpSink.start();
    await gone.stop();
    const service = await TestApp.start({ jobs: true, smtp: gone });
    onTestFinished(() => service.stop());
    const customer = await onboard(service);
    const waiting = await waitForEach(service, customer, 'each postponed', isPostponed);
    for (const { status, attempts, attemptLog } of waiting) {
      expect({ status, attempts }).toEqual({ status: 'queued', attempts: 0 });
      expect(attemptLog).toMatchObject([{ outcome: 'unreachable', errorCode: 'ESOCKET', phase: 'connect' }]);
    }

    const back = await SmtpSink.start({}, gone.port);
    onTestFinished(() => back.stop());
    await waitUntilSent(service, customer);

    expect(back.to(customer.email)).toHaveLength(3);
  });
});

describe('a mail server that accepts connections and says nothing', () => {
  it('delays one message only, until the greeting is overdue', async () => {
    const smtp = await SmtpSink.start();
    const tarpit = await listenSilentlyOnce(smtp.port);
    const service = await TestApp.start({ jobs: true, smtp, env: { SMTP_PORT: String(tarpit.port) } });
    onTestFinished(async () => {
      await service.stop();
      tarpit.stop();
      await smtp.stop();
    });

    const customer = await onboard(service);

    await waitFor('the others arrived', () => smtp.to(customer.email).length === 2);
    expect(await service.database.count('notification_attempts', `outcome <> 'accepted'`)).toBe(0);
    await waitFor('given up', () =>
      service.database.count('notification_attempts', `outcome = 'unreachable'`),
    );
    await waitUntilSent(service, customer);
  });

  it('is left after a timeout at every other step too', async () => {
    const service = await TestApp.start();
    onTestFinished(() => service.stop());

    const transport = service.app.get<MailTransport>(MAIL_TRANSPORT, { strict: false });

    expect(transport.options).toMatchObject({
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
    });
  });
});

/** A server that never answers its first connection and forwards all others. */
async function listenSilentlyOnce(port: number): Promise<{ port: number; stop: () => void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    if (sockets.length === 1) return;
    const upstream = connect(port, '127.0.0.1').on('error', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  const listenOn = await findFreePort();
  await once(server.listen(listenOn, '127.0.0.1'), 'listening');
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: listenOn, stop };
}

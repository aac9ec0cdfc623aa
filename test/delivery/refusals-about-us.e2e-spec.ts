import { describe, expect, it } from 'vitest';
import { makeEverythingDue } from '../support/jobs.js';
import {
  hasEnded,
  isPostponed,
  isSent,
  type NotificationView,
  onboard,
  waitForEach,
  waitUntilSent,
} from '../support/mail/deliveries.js';
import { withScriptedServer } from '../support/mail/with-scripted-server.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const stateOf = (service: TestApp) =>
  service.database.rows(
    'select channel, reason from notification_channel_states where paused_until is not null',
  );
const addressOf = (line: string) => /(?:<|^To: .*?<?)([^<>\s]+@[^<>\s]+)/im.exec(line)?.[1] ?? '';

/** Makes everything due again until the condition holds for each notification of the customer. */
function untilEach(service: TestApp, customer: { id: string }, holds: (one: NotificationView) => boolean) {
  return waitFor('each as wanted', async () => {
    await makeEverythingDue(service.database);
    const { body } = await service.admin(`customers/${customer.id}`);
    return body.notifications.every(holds) ? (body.notifications as NotificationView[]) : null;
  });
}

describe('a refusal that is about us', () => {
  it.each([
    [
      'a quota, at the end of DATA',
      'message',
      '550 5.4.5 Daily user sending limit exceeded',
      '550 5.4.5 quota',
    ],
    [
      'a quota, to the recipient',
      'RCPT',
      '550 Domain mingus.test has exceeded the max emails per hour',
      '550 quota',
    ],
    ['the account', 'message', '554 Sending paused for this account', '554 account'],
    [
      'our address',
      'RCPT',
      '550 5.1.0 <a@b.test>: Sender address rejected: User unknown',
      '550 5.1.0 sender',
    ],
    ['our address, to the sender', 'MAIL', '550 5.7.1 no', '550 5.7.1 sender'],
    ['relaying', 'RCPT', '554 5.7.1 <ada@example.com>: Relay access denied', '554 5.7.1 relaying'],
    [
      'reputation',
      'RCPT',
      '554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org',
      '554 5.7.1 reputation',
    ],
    [
      'authentication',
      'message',
      '550-5.7.26 This mail is unauthenticated\r\n550 5.7.26 gsmtp',
      '550 5.7.26 authentication',
    ],
    [
      'a PTR record',
      'DATA',
      '550 5.7.25 The IP address does not have a PTR record',
      '550 5.7.25 authentication',
    ],
  ] as const)(
    '(%s) pauses the channel and counts no attempt; everything is sent afterwards',
    async (_, at, reply, reason) => {
      let isRefusing = true;
      const { service } = await withScriptedServer((step) => (step === at && isRefusing ? reply : undefined));
      const first = await onboard(service);
      const paused = await waitForEach(service, first, 'each postponed', isPostponed);

      expect(await stateOf(service)).toEqual([{ channel: 'email', reason }]);
      const next = await onboard(service);
      const second = await waitForEach(service, next, 'each postponed', isPostponed);
      expect([...paused, ...second].map(({ status, attempts }) => [status, attempts])).toEqual(
        Array.from({ length: 6 }, () => ['queued', 0]),
      );
      expect(second.flatMap(({ attemptLog }) => attemptLog)).toEqual([]);
      expect(paused.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
        expect.objectContaining({ outcome: 'channel_fault', smtpCode: Number(reply.slice(0, 3)) }),
      );
      expect(await service.database.count('suppressions')).toBe(0);

      isRefusing = false;
      await waitUntilSent(service, first);
      await waitUntilSent(service, next);
      const { body } = await service.admin('notifications?status=failed');
      expect(body.items).toEqual([]);
      await waitFor('well', async () => {
        await makeEverythingDue(service.database);
        return (await service.database.count('notification_channel_states')) === 0;
      });
      expect(await service.database.count('notifications', `status <> 'sent'`)).toBe(0);
    },
  );

  it('counts no attempt while it lasts', async () => {
    let isRefusing = true;
    const { service, server } = await withScriptedServer((step) =>
      step === 'message' && isRefusing ? '550 5.4.5 Daily user sending limit exceeded' : undefined,
    );
    const customer = await onboard(service);
    await waitFor('tried ten times', async () => {
      await makeEverythingDue(service.database);
      return server.messages.length >= 10;
    });

    const { body } = await service.admin(`customers/${customer.id}`);
    expect(body.notifications.map(({ attempts }: NotificationView) => attempts)).toEqual([0, 0, 0]);
    isRefusing = false;
    await waitUntilSent(service, customer);
  });

  it('by one domain alone pauses the channel once, and then counts for that domain only', async () => {
    const { service } = await withScriptedServer((step, line) =>
      step === 'RCPT' && line.includes('@refusing.example')
        ? '554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org'
        : undefined,
    );
    const refused = await onboard(service, `ada.${Date.now()}@refusing.example`);
    await waitForEach(service, refused, 'each postponed', isPostponed);
    const other = await onboard(service);
    await waitUntilSent(service, other);
    const own = await untilEach(service, refused, ({ attempts }) => attempts > 0);
    expect(own.map(({ status }) => status)).toEqual(['queued', 'queued', 'queued']);

    const next = await onboard(service, `bob.${Date.now()}@refusing.example`);
    await waitForEach(service, next, 'each has an attempt of its own', ({ attempts }) => attempts > 0);

    expect(await stateOf(service)).toEqual([]);
    await waitForEach(service, await onboard(service), 'each sent at once', isSent);
  });

  it('of one message alone ends that message after its attempts, and does not stop others to its domain', async () => {
    const poison = `poison.${Date.now()}@example.com`;
    const { service } = await withScriptedServer((step, line) =>
      step === 'message' && addressOf(line) !== '' && line.includes(poison)
        ? '550 5.7.1 Our system has detected that the very low reputation of the sending domain'
        : undefined,
    );
    const refused = await onboard(service, poison);
    await waitForEach(service, refused, 'each postponed', isPostponed);
    await waitUntilSent(service, await onboard(service));
    await untilEach(service, refused, ({ attempts }) => attempts > 0);
    await waitForEach(service, await onboard(service), 'each sent at once', isSent);
    await service.database.rows(`update notifications set attempts = 16 where status = 'queued'`);

    const ended = await untilEach(service, refused, hasEnded);

    expect(ended.map(({ reason }) => reason)).toEqual(Array(3).fill('retries_exhausted'));
  });

  it.each([
    ['spam in one message', 'message', '554 5.7.1 Spam message rejected'],
    ["a recipient's own choice", 'RCPT', '550 5.7.1 user does not accept mail from outside'],
    ['the size of a message, to the sender', 'MAIL', '552 5.3.4 Message size exceeds fixed limit'],
  ] as const)(
    'is not one about %s: the message has failed, the channel is not paused',
    async (_, at, reply) => {
      const { service } = await withScriptedServer((step) => (step === at ? reply : undefined));

      const failed = await waitForEach(service, await onboard(service), 'each ended', hasEnded);

      expect(failed.map(({ reason }) => reason)).toEqual(['refused', 'refused', 'refused']);
      expect(await stateOf(service)).toEqual([]);
    },
  );
});

describe('a server that limits what one session may do', () => {
  it.each([
    ['recipients', 'RCPT', '452 4.5.3 Too many recipients'],
    ['messages', 'MAIL', '450 4.7.0 Too many messages in this session'],
    ['messages, and hangs up', 'MAIL', '421 Maximum message count per session reached'],
    ['messages, once it has one', 'message', '452 Too many messages per connection'],
  ] as const)(
    '(%s) gets the rest in further sessions: no attempt is counted, the channel is not paused',
    async (_, at, reply) => {
      let inSession = 0;
      let sessions = 0;
      const { service, server } = await withScriptedServer(
        (step) => {
          if (step === 'greeting') {
            inSession = 0;
            sessions += 1;
          }
          if (step !== at) return undefined;
          inSession += 1;
          return inSession > 2 ? reply : undefined;
        },
        { SMTP_MAX_CONNECTIONS: '1' },
      );
      const customers = [await onboard(service), await onboard(service), await onboard(service)];

      for (const customer of customers) {
        const sent = await waitForEach(service, customer, 'each sent', isSent);
        expect(sent.map(({ attemptLog }) => attemptLog.length)).toEqual([1, 1, 1]);
      }

      expect(sessions).toBeGreaterThan(3);
      expect(await service.database.count('notification_channel_states')).toBe(0);
      expect(server.messages.length).toBeGreaterThanOrEqual(9);
    },
  );

  it('to zero messages makes the channel slow down', async () => {
    const { service } = await withScriptedServer((step) =>
      step === 'RCPT' ? '452 4.5.3 Too many recipients' : undefined,
    );

    const waiting = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

    expect(waiting.flatMap(({ attemptLog }) => attemptLog)).toContainEqual(
      expect.objectContaining({ outcome: 'rate_limited', smtpCode: 452 }),
    );
    expect(await stateOf(service)).toEqual([{ channel: 'email', reason: '452' }]);
  });
});

import { describe, expect, it, onTestFinished } from 'vitest';
import {
  hasEnded,
  isPostponed,
  isSent,
  type NotificationView,
  onboard,
  waitForEach,
  waitUntilSent,
} from '../support/mail/deliveries.js';
import { withHeldMail } from '../support/mail/held-mail.js';
import { type SmtpStep, ScriptedSmtp } from '../support/mail/scripted-smtp.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { makeEverythingDue } from '../support/jobs.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

/** A service whose mail server closes the connection at a step, once per session. */
async function withServerThatHangsUpAt(broken: SmtpStep, env: Record<string, string> = {}) {
  const scripted = await ScriptedSmtp.start((step) => (step === broken ? 'hang up' : undefined));
  const smtp = await SmtpSink.start();
  const service = await TestApp.start({
    jobs: true,
    smtp,
    env: { SMTP_PORT: String(scripted.port), ...env },
  });
  onTestFinished(async () => {
    await service.stop();
    await smtp.stop();
  });
  return { service, scripted };
}

const messageIdOf = (message: string) => /^Message-ID: (.*)$/im.exec(message)?.[1];

describe('a server that takes a message and disconnects before it answers', () => {
  it('leaves the outcome unknown: the message is sent again under the same Message-ID', async () => {
    const { service, scripted } = await withServerThatHangsUpAt('message');
    const customer = await onboard(service);

    const unknown = await waitForEach(service, customer, 'each tried', isPostponed);

    for (const { status, attempts, attemptLog } of unknown) {
      expect({ status, attempts }).toEqual({ status: 'queued', attempts: 1 });
      expect(attemptLog).toMatchObject([{ outcome: 'unknown', smtpCode: null, phase: 'data_sent' }]);
    }
    await scripted.stop();
    const back = await SmtpSink.start({}, scripted.port);
    onTestFinished(() => back.stop());
    await waitUntilSent(service, customer);
    expect(back.mails.map(({ mail }) => mail.messageId).toSorted()).toEqual(
      scripted.messages.map(messageIdOf).toSorted(),
    );
  });

  it('causes kinds that must not be sent twice to be held for an operator', async () => {
    const kinds = 'welcome,onboarding_guide,portal_access';
    const { service, scripted } = await withServerThatHangsUpAt('message', { HOLD_UNKNOWN_KINDS: kinds });
    onTestFinished(() => scripted.stop());

    const held = await waitForEach(service, await onboard(service), 'each ended', hasEnded);

    for (const { status, reason, nextAttemptAt } of held) {
      expect({ status, reason, nextAttemptAt }).toEqual({
        status: 'held',
        reason: 'unknown_outcome',
        nextAttemptAt: null,
      });
    }
    expect(scripted.messages).toHaveLength(3);
    const { body } = await service.admin('notifications?status=held');
    expect(body.items).toHaveLength(3);
  });
});

describe('a process that ends while it hands a message over', () => {
  const HELD = { HOLD_UNKNOWN_KINDS: 'welcome,onboarding_guide,portal_access' };

  it('leaves a mark, by which the next process holds messages that must not be sent twice', async () => {
    const { service: slow, mail } = await withHeldMail({ ...HELD, SMTP_MAX_CONNECTIONS: '3' });
    const marked = () => slow.database.count('notifications', 'handed_over_at is not null');
    const customer = await onboard(slow);
    await waitFor('all three being sent', () => mail.held === 3);

    expect(await marked()).toBe(3);

    mail.accept();
    await waitForEach(slow, customer, 'each sent', isSent);
    expect(await marked()).toBe(0);
  });

  it.each([
    ['holds it', HELD, 'held', 0],
    ['sends it again, where that is wanted', {}, 'sent', 3],
  ])('and the next process %s', async (_, env, status, mails) => {
    const ended = await TestApp.start();
    onTestFinished(() => ended.stop());
    const customer = await onboard(ended);
    await ended.database.rows(`update notifications set handed_over_at = '2026-11-24T12:00:00Z'`);
    const next = await TestApp.start({ jobs: true, database: ended.database, smtp: ended.smtp, env });
    onTestFinished(() => next.stop());

    const [first] =
      status === 'sent'
        ? await waitUntilSent(next, customer)
        : await waitForEach(next, customer, 'each ended', hasEnded);

    expect(first).toMatchObject({ status });
    expect(first?.attemptLog[0]).toMatchObject({ outcome: 'unknown', errorCode: 'INTERRUPTED', phase: null });
    expect(ended.smtp.to(customer.email)).toHaveLength(mails);
  });
});

describe('a server that disconnects earlier', () => {
  it.each([
    ['MAIL', 'unreachable', 'envelope'],
    ['RCPT', 'unreachable', 'envelope'],
    ['DATA', 'unreachable', 'envelope'],
    ['greeting', 'unreachable', 'connect'],
    ['EHLO', 'unreachable', 'connect'],
  ] as const)('at %s cannot have got the message: %s', async (step, outcome, phase) => {
    const { service, scripted } = await withServerThatHangsUpAt(step);
    onTestFinished(() => scripted.stop());

    const tried = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

    const log = tried.flatMap(({ attemptLog }) => attemptLog);
    expect(log.length).toBeGreaterThan(0);
    for (const attempt of log) expect(attempt).toMatchObject({ outcome, phase });
    expect(scripted.messages).toEqual([]);
  });

  it.each(['MAIL', 'RCPT', 'DATA'] as const)(
    'at %s, for every message, pauses the channel: no attempt counts',
    async (step) => {
      const { service, scripted } = await withServerThatHangsUpAt(step);
      onTestFinished(() => scripted.stop());
      const first = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

      const second = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

      expect(first.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
      expect(second.map(({ attempts, attemptLog }) => [attempts, attemptLog])).toEqual(
        Array.from({ length: 3 }, () => [0, []]),
      );
    },
  );

  it('after each message pauses the channel: waiting messages are not sent to it', async () => {
    const { service, scripted } = await withServerThatHangsUpAt('message');
    onTestFinished(() => scripted.stop());
    await waitForEach(service, await onboard(service), 'each tried', isPostponed);

    const second = await waitForEach(service, await onboard(service), 'each postponed', isPostponed);

    expect(second.flatMap(({ attemptLog }) => attemptLog)).toEqual([]);
  });

  it.each(['hang up', '421 4.7.0 Not you'] as const)(
    'for one recipient alone (%s) causes that message to fail in the end, and does not stop the others',
    async (act) => {
      const scripted = await ScriptedSmtp.start((step, line) =>
        step === 'RCPT' && line.includes('poison') ? act : undefined,
      );
      const service = await TestApp.start({ jobs: true, env: { SMTP_PORT: String(scripted.port) } });
      onTestFinished(async () => {
        await service.stop();
        await scripted.stop();
      });
      const poison = await onboard(service, `poison.${Date.now()}@example.com`);

      const until = (what: string, holds: (notification: NotificationView) => boolean) =>
        waitFor(what, async () => {
          await makeEverythingDue(service.database);
          const { body } = await service.admin(`customers/${poison.id}`);
          return body.notifications.every(holds) ? (body.notifications as NotificationView[]) : null;
        });
      await until('each counted', ({ attempts }) => attempts > 0);
      await service.database.rows(`update notifications set attempts = 16 where status = 'queued'`);

      const ended = await until('given up', hasEnded);

      expect(ended.map(({ reason }) => reason)).toEqual(Array(3).fill('retries_exhausted'));
      await waitUntilSent(service, await onboard(service));
    },
  );
});

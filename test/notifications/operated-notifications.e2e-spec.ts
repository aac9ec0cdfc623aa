import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { aCustomer, anEvent } from '../support/builders.js';
import {
  hasEnded,
  isPostponed,
  isSent,
  onboard,
  waitForEach,
  type NotificationView,
} from '../support/mail/deliveries.js';
import { makeEverythingDue, queuedJobs } from '../support/jobs.js';
import { SmtpSink } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let service: TestApp;
/** Shares the database, but runs no jobs: what it queues stays as it is. */
let idle: TestApp;

beforeAll(async () => {
  idle = await TestApp.start();
  service = await TestApp.start({ database: idle.database, smtp: idle.smtp, jobs: true });
});
afterAll(async () => {
  await service.stop();
  await idle.stop();
});

/** A customer's welcome in a status of choice; as if never sent, unless it was before that. */
async function aWelcome(
  status: string,
  wasSent = status === 'sent',
): Promise<NotificationView & { email: string }> {
  const customer = await onboard(service);
  const sent = await waitForEach(service, customer, 'each sent', isSent);
  await noJobLeft(service);
  const welcome = sent[0] as NotificationView;
  await service.database.rows(
    `update notifications set status = $2, next_attempt_at = null, sent_at = case when $3 then sent_at end
     where id = $1`,
    [welcome.id, status, wasSent],
  );
  return { ...welcome, email: customer.email };
}

const act = (id: string, what: 'resend' | 'cancel', body: object = {}) =>
  service.admin(`notifications/${id}/${what}`, body);
/** What operators did to it. */
const actsOn = async (id: string) => {
  const { body } = await service.admin(`audit-entries?objectId=${id}`);
  return (body.items as { actorType: string }[]).filter(({ actorType }) => actorType === 'operator');
};
const noJobLeft = ({ database }: TestApp) =>
  waitFor('no job left', async () => (await queuedJobs(database, 'deliver-notification')).length === 0);
const mailsTo = (email: string) => service.smtp.to(email).length;

describe('an operator', () => {
  it.each(['failed', 'held', 'cancelled', 'suppressed'])('sends a %s notification again', async (status) => {
    const { id, email } = await aWelcome(status);

    const answer = await act(id, 'resend');

    expect(answer.status).toBe(200);
    await waitFor('a fourth mail', () => mailsTo(email) === 4);
    expect(await actsOn(id)).toMatchObject([
      { action: 'notification.resent', details: { statusBefore: status } },
    ]);
  });

  it('sends one that was sent again only with force', async () => {
    const { id, email } = await aWelcome('sent');

    expect(await act(id, 'resend')).toMatchObject({ status: 409, body: { code: 'notification_sent' } });
    expect(await act(id, 'resend', { force: true })).toMatchObject({ status: 200 });

    await waitFor('a fourth mail', () => mailsTo(email) === 4);
    const notification = await waitFor('sent again', async () => {
      const { body } = await service.admin(`notifications/${id}`);
      return body.status === 'sent' ? body : null;
    });
    expect(notification).toMatchObject({ attempts: 1, attemptLog: [{}, {}] });
    const ids = service.smtp.to(email).map(({ mail }) => mail.messageId);
    expect(ids.filter((messageId) => messageId?.startsWith(`<${id}`)).toSorted()).toEqual([
      `<${id}.1@mingus.test>`,
      `<${id}@mingus.test>`,
    ]);
  });

  it.each(['queued', 'held'])('cancels a %s notification', async (status) => {
    const { id } = await aWelcome(status);

    const answer = await act(id, 'cancel');

    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled', reason: 'operator' } });
    expect(await act(id, 'cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await actsOn(id)).toMatchObject([
      { action: 'notification.cancelled', details: { statusBefore: status } },
    ]);
  });

  it('cancels the sending again of one that was sent, which it stays', async () => {
    const { id } = await aWelcome('queued', true);

    const answer = await act(id, 'cancel');

    expect(answer).toMatchObject({ status: 200, body: { status: 'sent', sentAt: expect.any(String) } });
    expect(await actsOn(id)).toMatchObject([{ action: 'notification.cancelled' }]);
  });

  it.each(['sent', 'failed', 'suppressed'])('cannot cancel a %s notification', async (status) => {
    const { id } = await aWelcome(status);
    expect(await act(id, 'cancel')).toMatchObject({ status: 409, body: { code: 'notification_ended' } });
  });

  it('cannot send to a customer who belongs to nobody', async () => {
    const { id, email } = await aWelcome('cancelled');
    await service.database.rows(`update customers set user_id = null where email = $1`, [email]);

    const answer = await act(id, 'resend', { force: true });

    expect(answer).toMatchObject({ status: 409, body: { code: 'customer_unlinked' } });
  });

  it('cannot send to a suppressed address, nor to a deleted customer', async () => {
    const suppressed = await aWelcome('failed');
    await service.admin('suppressions', { address: suppressed.email });
    const deleted = await aWelcome('failed');
    await service.database.rows('update customers set deleted_at = now() where email = $1', [deleted.email]);

    const answers = [await act(suppressed.id, 'resend', { force: true }), await act(deleted.id, 'resend')];

    expect(answers).toMatchObject([
      { status: 409, body: { code: 'address_suppressed' } },
      { status: 409, body: { code: 'customer_deleted' } },
    ]);
  });

  it('sends one once, however often they press the button, also while it is being sent', async () => {
    const held: (() => void)[] = [];
    const onMessage = () => new Promise<null>((accept) => held.push(() => accept(null)));
    const smtp = await SmtpSink.start({ onMessage });
    const slow = await TestApp.start({ jobs: true, smtp, env: { SMTP_MAX_CONNECTIONS: '3' } });
    onTestFinished(async () => {
      await slow.stop();
      await smtp.stop();
    });
    const resend = (id: string) => slow.admin(`notifications/${id}/resend`, {});
    const customer = await onboard(slow);
    await waitFor('all three being sent', () => held.length === 3);
    const { body } = await slow.admin(`customers/${customer.id}`);
    const [first] = body.notifications as NotificationView[];

    expect((await resend(first!.id)).status).toBe(200);
    for (const accept of held.splice(0)) accept();
    await waitForEach(slow, customer, 'each sent', isSent);
    await slow.database.rows(`update notifications set status = 'failed' where id = $1`, [first!.id]);
    await Promise.all([resend(first!.id), resend(first!.id)]);
    await waitFor('being sent', () => held.length === 1);
    expect((await resend(first!.id)).status).toBe(200);
    for (const accept of held.splice(0)) accept();

    await waitForEach(slow, customer, 'each sent', isSent);
    await noJobLeft(slow);
    expect(smtp.to(customer.email)).toHaveLength(4);
  });

  it('sends one once that they cancelled and sent again while it was being sent', async () => {
    const held: (() => void)[] = [];
    const onMessage = () => new Promise<null>((accept) => held.push(() => accept(null)));
    const smtp = await SmtpSink.start({ onMessage });
    const slow = await TestApp.start({ jobs: true, smtp, env: { SMTP_MAX_CONNECTIONS: '2' } });
    onTestFinished(async () => {
      await slow.stop();
      await smtp.stop();
    });
    const customer = await onboard(slow);
    await waitFor('two being sent, one waiting', () => held.length === 2);
    const { body } = await slow.admin(`customers/${customer.id}`);
    for (const { id } of body.notifications as NotificationView[]) {
      for (const what of ['cancel', 'resend', 'resend'])
        expect((await slow.admin(`notifications/${id}/${what}`, {})).status).toBe(200);
    }

    const accepting = setInterval(() => held.splice(0).forEach((accept) => accept()), 20);
    await waitForEach(slow, customer, 'each sent', isSent);
    await makeEverythingDue(slow.database);
    await noJobLeft(slow);
    clearInterval(accepting);

    expect(smtp.to(customer.email)).toHaveLength(3);
  });

  it('tries one at once that waits for its next try, though its job still sends others', async () => {
    const held: (() => void)[] = [];
    let isBusy = true;
    const smtp = await SmtpSink.start({
      onMessage: async () => {
        if (isBusy) {
          isBusy = false;
          return Object.assign(new Error('Busy'), { responseCode: 451 });
        }
        return new Promise<null>((accept) => held.push(() => accept(null)));
      },
    });
    const slow = await TestApp.start({ jobs: true, smtp, env: { SMTP_MAX_CONNECTIONS: '4' } });
    onTestFinished(async () => {
      await slow.stop();
      await smtp.stop();
    });
    const customer = await onboard(slow);
    await waitFor('two being sent', () => held.length === 2);
    const deferred = await waitFor('one put off', async () => {
      const { body } = await slow.admin(`customers/${customer.id}`);
      return (body.notifications as NotificationView[]).find(isPostponed) ?? null;
    });

    await slow.admin(`notifications/${deferred.id}/resend`, {});

    await waitFor('all three being sent', () => held.length === 3);
    for (const accept of held) accept();
    await waitForEach(slow, customer, 'each sent', isSent);
    expect(smtp.to(customer.email)).toHaveLength(3);
  });

  it('has one that waits for its next try sent at once, and not once more later', async () => {
    const paused = await TestApp.start();
    onTestFinished(() => paused.stop());
    const customer = await onboard(paused);
    const { body } = await paused.admin(`customers/${customer.id}`);
    const { id } = body.notifications[0] as NotificationView;
    const inAnHour = `update graphile_worker._private_jobs set run_at = now() + interval '1 hour'`;
    await paused.database.rows(inAnHour);

    for (const _ of [1, 2]) expect((await paused.admin(`notifications/${id}/resend`, {})).status).toBe(200);

    const jobs = await queuedJobs(paused.database, 'deliver-notification');
    const withIt = jobs.filter(({ payload }) => JSON.stringify(payload).includes(id));
    expect(withIt).toHaveLength(1);
    expect(withIt[0]?.runAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(jobs.flatMap(({ payload }) => payload)).toHaveLength(3);
  });

  it('sends many again at the same time', async () => {
    const { id } = await aWelcome('failed');
    await service.database.rows(
      `insert into notifications
      select (jsonb_populate_record(n, jsonb_build_object('id', gen_random_uuid(), 'occurrence', 'many ' || copy))).*
      from notifications n, generate_series(1, 30) copy where id = $1`,
      [id],
    );
    const many = await service.database.rows<{ id: string }>(
      `select id from notifications where occurrence like 'many%'`,
    );

    const answers = await Promise.all(many.map((one) => act(one.id, 'resend')));

    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  it('finds notifications by channel, with their attempts and the time of the next', async () => {
    const customer = await onboard(service);
    await waitForEach(service, customer, 'each ended', hasEnded);
    const waiting = aCustomer({ metadata: (await service.createUser()).metadata });
    await idle.deliver(anEvent(waiting));

    const { body } = await service.admin('notifications?channel=email&limit=100');

    expect(body.items.length).toBeGreaterThanOrEqual(6);
    for (const { channel, attemptLog, nextAttemptAt } of body.items) {
      expect(channel).toBe('email');
      expect(attemptLog).toBeInstanceOf(Array);
      expect(nextAttemptAt === null || Date.parse(nextAttemptAt) > 0).toBe(true);
    }
    expect((await service.admin('notifications?channel=in_app')).body.items).toEqual([]);
  });
});

describe('a request about a notification is refused', () => {
  it.each([
    ['resend of an unknown one', `notifications/${UNKNOWN_ID}/resend`, {}, 404],
    ['cancel of an unknown one', `notifications/${UNKNOWN_ID}/cancel`, {}, 404],
    ['resend of an id that is none', 'notifications/1/resend', {}, 400],
    ['cancel of an id that is none', 'notifications/1/cancel', {}, 400],
    ['resend with a word for force', `notifications/${UNKNOWN_ID}/resend`, { force: 'yes' }, 400],
    ['resend with a field nobody knows', `notifications/${UNKNOWN_ID}/resend`, { to: 'eve@x.test' }, 400],
  ])('%s', async (_, path, body, status) => {
    expect((await service.admin(path, body)).status).toBe(status);
  });

  it('a list of a channel nobody knows', async () => {
    expect((await service.admin('notifications?channel=sms')).status).toBe(400);
  });
});

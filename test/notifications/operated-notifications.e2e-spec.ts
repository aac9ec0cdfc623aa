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
import { makeEverythingDue, queuedJobs, untilNoJob } from '../support/jobs.js';
import { withHeldMail } from '../support/mail/held-mail.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let service: TestApp;
/** A service on the same database that runs no jobs: what it queues stays queued. */
let idle: TestApp;

beforeAll(async () => {
  idle = await TestApp.start();
  service = await TestApp.start({ database: idle.database, smtp: idle.smtp, jobs: true });
});
afterAll(async () => {
  await service.stop();
  await idle.stop();
});

/** A customer's welcome in the given status. It has not been sent, unless its status says so. */
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
/** The acts of operators on it. */
const actsOn = async (id: string) => {
  const { body } = await service.admin(`audit-entries?objectId=${id}`);
  return (body.items as { actorType: string }[]).filter(({ actorType }) => actorType === 'operator');
};
const noJobLeft = ({ database }: TestApp) => untilNoJob(database, 'deliver-notification');
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

  it('cancels the resending of a sent notification, which stays sent', async () => {
    const { id } = await aWelcome('queued', true);

    const answer = await act(id, 'cancel');

    expect(answer).toMatchObject({ status: 200, body: { status: 'sent', sentAt: expect.any(String) } });
    expect(await actsOn(id)).toMatchObject([{ action: 'notification.cancelled' }]);
  });

  it.each(['sent', 'failed', 'suppressed'])('cannot cancel a %s notification', async (status) => {
    const { id } = await aWelcome(status);
    expect(await act(id, 'cancel')).toMatchObject({ status: 409, body: { code: 'notification_ended' } });
  });

  it('cannot send to an unlinked customer', async () => {
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

  it('sends one once when they press the button many times, also while it is being sent', async () => {
    const { service: slow, mail } = await withHeldMail({ SMTP_MAX_CONNECTIONS: '3' });
    const resend = (id: string) => slow.admin(`notifications/${id}/resend`, {});
    const customer = await onboard(slow);
    await waitFor('all three being sent', () => mail.held === 3);
    const { body } = await slow.admin(`customers/${customer.id}`);
    const [first] = body.notifications as NotificationView[];

    expect((await resend(first!.id)).status).toBe(200);
    mail.accept();
    await waitForEach(slow, customer, 'each sent', isSent);
    await slow.database.rows(`update notifications set status = 'failed' where id = $1`, [first!.id]);
    await Promise.all([resend(first!.id), resend(first!.id)]);
    await waitFor('being sent', () => mail.held === 1);
    expect((await resend(first!.id)).status).toBe(200);
    mail.accept();

    await waitForEach(slow, customer, 'each sent', isSent);
    await noJobLeft(slow);
    expect(slow.smtp.to(customer.email)).toHaveLength(4);
  });

  it('sends one once when they cancel and resend it while it is being sent', async () => {
    const { service: slow, mail } = await withHeldMail({ SMTP_MAX_CONNECTIONS: '2' });
    const customer = await onboard(slow);
    await waitFor('two being sent, one waiting', () => mail.held === 2);
    const { body } = await slow.admin(`customers/${customer.id}`);
    for (const { id } of body.notifications as NotificationView[]) {
      for (const what of ['cancel', 'resend', 'resend'])
        expect((await slow.admin(`notifications/${id}/${what}`, {})).status).toBe(200);
    }

    mail.open();
    await waitForEach(slow, customer, 'each sent', isSent);
    await makeEverythingDue(slow.database);
    await noJobLeft(slow);

    expect(slow.smtp.to(customer.email)).toHaveLength(3);
  });

  it('sends a waiting notification at once, although its job is still sending others', async () => {
    const busy = Object.assign(new Error('Busy'), { responseCode: 451 });
    const { service: slow, mail } = await withHeldMail({ SMTP_MAX_CONNECTIONS: '4' }, busy);
    const customer = await onboard(slow);
    await waitFor('two being sent', () => mail.held === 2);
    const deferred = await waitFor('one put off', async () => {
      const { body } = await slow.admin(`customers/${customer.id}`);
      return (body.notifications as NotificationView[]).find(isPostponed) ?? null;
    });

    await slow.admin(`notifications/${deferred.id}/resend`, {});

    await waitFor('all three being sent', () => mail.held === 3);
    mail.accept();
    await waitForEach(slow, customer, 'each sent', isSent);
    expect(slow.smtp.to(customer.email)).toHaveLength(3);
  });

  it('sends a waiting notification at once, and it is not sent again later', async () => {
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
    ['resend with an unknown field', `notifications/${UNKNOWN_ID}/resend`, { to: 'eve@x.test' }, 400],
  ])('%s', async (_, path, body, status) => {
    expect((await service.admin(path, body)).status).toBe(status);
  });

  it('a list of an unknown channel', async () => {
    expect((await service.admin('notifications?channel=sms')).status).toBe(400);
  });
});

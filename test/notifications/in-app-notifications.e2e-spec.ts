import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Recipient } from '../../src/notifications/channels/notification-channel.js';
import { InAppChannel } from '../../src/notifications/in-app/in-app.channel.js';
import type { RenderedMessage } from '../../src/notifications/messages/message-composer.service.js';
import { aCustomer, anEvent } from '../support/builders.js';
import { ADMIN_KEY, request, TestApp } from '../support/test-app.js';
import { withHeldMail } from '../support/mail/held-mail.js';
import { waitFor } from '../support/wait-for.js';

const KINDS = ['onboarding_guide', 'portal_access', 'welcome'];
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let service: TestApp;

beforeAll(async () => {
  service = await TestApp.start({ jobs: true, env: { NOTIFICATION_CHANNELS: 'email,in_app' } });
});
afterAll(() => service.stop());

interface Message {
  id: string;
  kind: string;
  title: string;
  readAt: string | null;
}

/** Onboards a customer of a new user and waits for the user's messages. */
async function onboard(): Promise<{
  userId: string;
  customerId: string;
  email: string;
  messages: Message[];
}> {
  const { id: userId, metadata } = await service.createUser();
  const customer = aCustomer({ metadata });
  await service.deliver(anEvent(customer));
  const messages = await waitFor('three messages', async () => {
    const { body } = await service.backend(`users/${userId}/notifications`);
    return body.items.length === 3 ? (body.items as Message[]) : null;
  });
  return { userId, customerId: customer.id, email: customer.email, messages };
}

describe('with in-app notifications', () => {
  it('every kind is queued once per channel', async () => {
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });

    const { body } = await service.deliver(anEvent(customer));

    expect(body.notifications_sent).toBe(6);
    const second = await service.deliver(anEvent(aCustomer({ metadata })));
    expect(second.body.notifications_sent).toBe(0);
  });

  it('the messages arrive in MINGUS as well as in the mailbox', async () => {
    const { email, messages } = await onboard();

    expect(messages.map(({ kind }) => kind).toSorted()).toEqual(KINDS);
    expect(messages.find(({ kind }) => kind === 'welcome')).toMatchObject({
      title: 'Welcome to MINGUS, Ada Lovelace',
      locale: 'en',
      body: expect.stringContaining('Ada Lovelace'),
      readAt: null,
    });
    await waitFor('three mails', () => service.smtp.to(email).length === 3);
  });

  it('a channel the customer does not want is left out, the other is not', async () => {
    const paused = await TestApp.start({ env: { NOTIFICATION_CHANNELS: 'email,in_app' } });
    onTestFinished(() => paused.stop());
    const { id: userId, metadata } = await paused.createUser();
    const customer = aCustomer({ metadata });
    await paused.deliver(anEvent(customer));
    await paused.database.rows(
      `update customer_preferences set notifications = '{"welcome": {"email": true, "in_app": false}}'`,
    );
    const running = await TestApp.start({ jobs: true, database: paused.database, smtp: paused.smtp });
    onTestFinished(() => running.stop());

    await waitFor('all ended', async () => {
      const queued = await paused.database.count('notifications', `status = 'queued'`);
      return queued === 0;
    });

    const { body } = await paused.backend(`users/${userId}/notifications`);
    expect(body.items.map(({ kind }: Message) => kind).toSorted()).toEqual([
      'onboarding_guide',
      'portal_access',
    ]);
    expect(paused.smtp.to(customer.email)).toHaveLength(3);
  });

  it('they are in the language that they are written in, and without the foot of a mail', async () => {
    const { id: userId, metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata, preferred_locales: ['fr-FR', 'es-MX'] })));
    const messages = await waitFor('three messages', async () => {
      const { body } = await service.backend(`users/${userId}/notifications`);
      return body.items.length === 3 ? (body.items as { locale: string; body: string }[]) : null;
    });

    for (const { locale, body } of messages) {
      expect(locale).toBe('es-MX');
      expect(body).not.toContain('\n-- \n');
    }
  });

  it('they link to the page that mails a link, and hold no token', async () => {
    await onboard();

    const bodies = await service.database.rows<{ body: string }>('select body from in_app_messages');

    expect(bodies.some(({ body }) => body.includes('/portal'))).toBe(true);
    expect(bodies.filter(({ body }) => body.includes('/portal/links/'))).toEqual([]);
  });

  it('a message read once stays read since then', async () => {
    const { userId, messages } = await onboard();
    const id = messages[0]?.id;

    const first = await service.backend(`users/${userId}/notifications/${id}/read`, 'POST');

    expect(first).toMatchObject({ status: 200, body: { id, readAt: expect.any(String) } });
    const again = await service.backend(`users/${userId}/notifications/${id}/read`, 'POST');
    expect(again.body.readAt).toBe(first.body.readAt);
    const count = await service.backend(`users/${userId}/notifications/unread-count`);
    expect(count.body).toEqual({ count: 2 });
    const unread = await service.backend(`users/${userId}/notifications?unread=true`);
    expect(unread.body.items).toHaveLength(2);
    const read = await service.backend(`users/${userId}/notifications?unread=false`);
    expect(read.body.items).toMatchObject([{ id }]);
  });

  it('a message that an operator sends again is unread again', async () => {
    const { userId, messages } = await onboard();
    const id = messages[0]?.id;
    await service.backend(`users/${userId}/notifications/${id}/read`, 'POST');

    await service.admin(`notifications/${id}/resend`, { force: true });

    await waitFor('unread again', async () => {
      const { body } = await service.backend(`users/${userId}/notifications/unread-count`);
      return body.count === 3;
    });
    expect(await service.database.count('in_app_messages', `id = '${id}'`)).toBe(1);
  });

  it('a message is unread again also if it is sent again when its attempts are no longer kept', async () => {
    const { userId, messages } = await onboard();
    const id = messages[0]?.id;
    await service.backend(`users/${userId}/notifications/${id}/read`, 'POST');
    await service.database.rows('delete from notification_attempts where notification_id = $1', [id]);

    await service.admin(`notifications/${id}/resend`, { force: true });

    await waitFor('sent again', () =>
      service.database.count('notification_attempts', `notification_id = '${id}' and outcome = 'accepted'`),
    );
    const { body } = await service.backend(`users/${userId}/notifications/unread-count`);
    expect(body.count).toBe(3);
  });

  it('the messages follow their customer from one user to another, and belong to no user while it is unlinked', async () => {
    const { userId, customerId } = await onboard();
    const { id: other } = await service.createUser();
    const seenBy = async (id: string) =>
      (await service.backend(`users/${id}/notifications`)).body.items
        .map(({ kind }: Message) => kind)
        .toSorted();

    await service.admin(`customers/${customerId}/link`, { userId: other });
    expect([await seenBy(userId), await seenBy(other)]).toEqual([[], KINDS]);
    await service.admin(`customers/${customerId}/unlink`, {});
    expect([await seenBy(userId), await seenBy(other)]).toEqual([[], []]);
    await service.admin(`customers/${customerId}/link`, { userId: other });
    expect([await seenBy(userId), await seenBy(other)]).toEqual([[], KINDS]);
  });

  it('a message that was being delivered while its customer was unlinked is not shown to a user', async () => {
    const { userId, customerId, messages } = await onboard();
    await service.admin(`customers/${customerId}/unlink`, {});
    const { id, kind } = messages[0] as Message;
    await service.database.rows('delete from in_app_messages where id = $1', [id]);
    const recipient = { notificationId: id, userId, kind, resends: 0 } as Recipient;
    const message = { locale: 'en', subject: 'Welcome', body: 'Hello' } as RenderedMessage;

    const attempt = await service.app.get(InAppChannel).send(recipient, message);

    expect(attempt).toEqual({ outcome: 'refused', reason: 'ended' });
    expect(await service.database.count('in_app_messages', `id = '${id}'`)).toBe(0);
  });

  it('the messages are there while the mail server is slow', async () => {
    const env = { NOTIFICATION_CHANNELS: 'email,in_app', SMTP_MAX_CONNECTIONS: '1' };
    const { service: slow } = await withHeldMail(env);
    const { id: userId, metadata } = await slow.createUser();

    await slow.deliver(anEvent(aCustomer({ metadata })));

    await waitFor('three messages', async () => (await slow.database.count('in_app_messages')) === 3);
    expect((await slow.backend(`users/${userId}/notifications`)).body.items).toHaveLength(3);
    expect(slow.smtp.mails).toEqual([]);
  });

  it('they are listed page by page, newest first', async () => {
    const { userId, messages } = await onboard();

    const first = await service.backend(`users/${userId}/notifications?limit=2`);
    const second = await service.backend(
      `users/${userId}/notifications?limit=2&cursor=${first.body.nextCursor}`,
    );

    const ids = [...first.body.items, ...second.body.items].map(({ id }: Message) => id);
    expect(ids).toEqual(messages.map(({ id }) => id));
    expect(second.body.nextCursor).toBeNull();
  });

  it('a user cannot read or mark the messages of another user', async () => {
    const { messages } = await onboard();
    const stranger = await service.createUser();

    const marked = await service.backend(
      `users/${stranger.id}/notifications/${messages[0]?.id}/read`,
      'POST',
    );

    expect(marked).toMatchObject({ status: 404, body: { code: 'notification_not_found' } });
    const list = await service.backend(`users/${stranger.id}/notifications`);
    expect(list.body).toEqual({ items: [], nextCursor: null });
  });

  it.each([
    ['no key', undefined, 401],
    ['the admin key', `Bearer ${ADMIN_KEY}`, 403],
    ['another scheme', 'Basic dXNlcjpwYXNz', 401],
  ])('a caller with %s is refused', async (_, authorization, status) => {
    const headers: Record<string, string> = authorization ? { authorization } : {};
    const answer = await request(`${service.url}/users/u/notifications`, { headers });
    expect(answer.status).toBe(status);
  });

  it.each([
    ['an unknown message', `users/u/notifications/${UNKNOWN_ID}/read`, 'POST', 404],
    ['an id that is none', 'users/u/notifications/1/read', 'POST', 400],
    ['a filter that is none', 'users/u/notifications?unread=yes', 'GET', 400],
    ['a page of nothing', 'users/u/notifications?limit=0', 'GET', 400],
    ['a cursor that is none', 'users/u/notifications?cursor=x', 'GET', 400],
    ['an unknown parameter', 'users/u/notifications?userId=x', 'GET', 400],
  ] as const)('%s is refused', async (_, path, method, status) => {
    expect((await service.backend(path, method)).status).toBe(status);
  });
});

describe('without a service key', () => {
  it('the messages of users cannot be read', async () => {
    const closed = await TestApp.start({ env: { SERVICE_API_KEY: '' } });
    onTestFinished(() => closed.stop());

    expect((await closed.backend('users/u/notifications')).status).toBe(401);
  });
});

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { aBounce } from '../support/mail/mail-reports.js';
import { request, TestApp } from '../support/test-app.js';

const SECRET = 'mail-hook-0123456789abcdef-fedcba9876543210';
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let service: TestApp;

beforeAll(async () => {
  const env = { MAIL_WEBHOOK_SECRET: SECRET, BOUNCE_ADDRESS: 'bounces@mail.mingus.test' };
  service = await TestApp.start({ jobs: true, env });
});
afterAll(() => service.stop());

async function post(body: string): Promise<string> {
  const signature = `v1=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const headers = { 'content-type': 'message/rfc822', 'mail-signature': signature };
  return (await request(`${service.url}/webhooks/mail`, { method: 'POST', headers, body })).body.outcome;
}

async function aSentMessage() {
  const customer = await onboard(service);
  const [notification] = await waitForEach(service, customer, 'each sent', isSent);
  return { customer, id: notification?.id as string };
}

const list = async (query = '') => (await service.admin(`unread-mail-reports${query}`)).body.items;
const malformed = (fields: Parameters<typeof aBounce>[0]) => aBounce({ ...fields, action: 'exploded' });

describe('an unreadable mail report', () => {
  it('is kept once for an operator, with its reason and the customer of its message', async () => {
    const { customer, id } = await aSentMessage();
    const mail = malformed({ messageId: `<${id}@mingus.test>`, recipient: customer.email });

    expect([await post(mail), await post(mail)]).toEqual(['malformed_report', 'malformed_report']);

    const [report, ...more] = await list('?reason=malformed_report');
    expect(more).toEqual([]);
    const { body: stored } = await service.admin(`customers/${customer.id}`);
    expect(report).toMatchObject({
      reason: 'malformed_report',
      notificationId: id,
      sender: 'mailer-daemon@mx.example.com',
      subject: 'Undelivered Mail Returned to Sender',
    });
    expect(report).not.toHaveProperty('body');
    expect(stored.notifications).toContainEqual(expect.objectContaining({ id, status: 'sent' }));
    const { body } = await service.admin(`unread-mail-reports/${report.id}`);
    expect(body).toMatchObject({ id: report.id, body: mail });
    expect(body).not.toHaveProperty('addresses');
  });

  it('returns a message of ours in an unknown form; an answer to the message is not a report', async () => {
    const { id } = await aSentMessage();
    const returned = `From: x@example.com\r\nSubject: ?\r\n\r\nNein.\r\n\r\nMessage-ID: <${id}@mingus.test>\r\n`;
    const answer = `From: x@example.com\r\nIn-Reply-To: <${id}@mingus.test>\r\nSubject: Re: Hi\r\n\r\nThanks\r\n`;

    expect(await post(returned)).toBe('unreadable_report');
    expect(await post(answer)).toBe('not_a_report');

    expect(await list('?reason=unreadable_report')).toMatchObject([{ notificationId: id }]);
  });

  it('is removed by an operator, which is audited', async () => {
    await post(malformed({ messageId: `<${UNKNOWN_ID}@x>`, recipient: 'somebody@example.net' }));
    const [report] = await list();
    expect(report).toMatchObject({ customerId: null, notificationId: null });

    expect((await service.admin(`unread-mail-reports/${report.id}`, undefined, 'DELETE')).status).toBe(204);

    expect((await service.admin(`unread-mail-reports/${report.id}`)).status).toBe(404);
    const { body } = await service.admin(`audit-entries?objectId=${report.id}`);
    expect(body.items).toMatchObject([
      { action: 'mail_report.removed', actorType: 'operator' },
      { action: 'mail_report.kept', actorType: 'system', details: { reason: 'malformed_report' } },
    ]);
  });

  it('is exported and erased with the person whose message or address is in it', async () => {
    const { customer, id } = await aSentMessage();
    await post(malformed({ messageId: `<${id}@mingus.test>`, to: 'one@mingus.test' }));
    await post(malformed({ recipient: customer.email.toUpperCase() }));
    await post(malformed({ recipient: 'another@example.net' }));
    const count = () => service.database.count('unread_mail_reports');
    const before = await count();

    const { body } = await service.admin(`customers/${customer.id}/export`);
    expect(body.tables.unread_mail_reports).toHaveLength(2);
    await service.admin(`customers/${customer.id}/erase`, { confirm: customer.id });

    expect(await count()).toBe(before - 2);
  });

  it.each([
    ['unread-mail-reports?reason=spam', 400],
    ['unread-mail-reports?limit=1000', 400],
    ['unread-mail-reports?cursor=x', 400],
    ['unread-mail-reports/1', 400],
    [`unread-mail-reports/${UNKNOWN_ID}`, 404],
  ])('is not asked for with %s', async (path, status) => {
    expect((await service.admin(path)).status).toBe(status);
  });

  it('is not removed by an unknown id', async () => {
    const path = `unread-mail-reports/${UNKNOWN_ID}`;
    expect((await service.admin(path, undefined, 'DELETE')).status).toBe(404);
  });
});

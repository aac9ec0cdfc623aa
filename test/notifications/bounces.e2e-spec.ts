import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anEvent } from '../support/builders.js';
import { isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { aBounce, aComplaint } from '../support/mail/mail-reports.js';
import { waitFor } from '../support/wait-for.js';
import { type Answer, request, TestApp } from '../support/test-app.js';

const SECRET = 'mail-hook-0123456789abcdef-fedcba9876543210';
const EXCHANGE = 'smtp; 550 5.4.1 Recipient address rejected: Access denied';
const UNKNOWN_ID = '01900000-0000-7000-8000-000000000000';

let service: TestApp;

beforeAll(async () => {
  const env = { MAIL_WEBHOOK_SECRET: SECRET, BOUNCE_ADDRESS: 'bounces@mail.mingus.test' };
  service = await TestApp.start({ jobs: true, env });
});
afterAll(() => service.stop());

const sign = (body: string) => `v1=${createHmac('sha256', SECRET).update(body).digest('hex')}`;

function post(body: string, signature: string | null = sign(body)): Promise<Answer> {
  const headers: Record<string, string> = { 'content-type': 'message/rfc822' };
  if (signature !== null) headers['mail-signature'] = signature;
  return request(`${service.url}/webhooks/mail`, { method: 'POST', headers, body });
}

/** A sent message: its ids for a report about it, and its recipient. */
async function aSentMessage() {
  const customer = await onboard(service);
  const [notification] = await waitForEach(service, customer, 'each sent', isSent);
  const id = notification?.id as string;
  return { id, messageId: `<${id}@mingus.test>`, email: customer.email, customer };
}

const notificationOf = async (id: string) => (await service.admin(`notifications/${id}`)).body;
const suppressionsOf = async (email: string) =>
  (await service.admin(`suppressions?address=${encodeURIComponent(email)}`)).body.items;
const auditOf = async (id: string) => (await service.admin(`audit-entries?objectId=${id}`)).body.items;

describe('a bounce', () => {
  it('of an address that does not exist marks the message and suppresses the address, once', async () => {
    const { id, messageId, email } = await aSentMessage();
    const bounce = aBounce({ messageId, recipient: email });

    const answers = [await post(bounce), await post(bounce)];

    expect(answers).toMatchObject([
      { body: { outcome: 'hard_bounce' } },
      { body: { outcome: 'hard_bounce' } },
    ]);
    expect(await notificationOf(id)).toMatchObject({ status: 'failed', reason: 'bounced' });
    expect(await suppressionsOf(email)).toMatchObject([
      { reason: 'hard_bounce', source: 'dsn 5.1.1 (no such user)' },
    ]);
    expect(await auditOf(id)).toMatchObject([
      { action: 'notification.bounced', actorType: 'system', details: { told: '5.1.1' } },
      { action: 'notification.sent', actorType: 'system' },
    ]);
  });

  it('of an address that was corrected since suppresses only the old one', async () => {
    const { id, messageId, email, customer } = await aSentMessage();
    const changed = { ...customer, email: `right.${email}` };
    const created = Math.floor(Date.now() / 1000) + 5;
    await service.deliver(anEvent(changed, { type: 'customer.updated', created }));

    await post(aBounce({ messageId, recipient: email }));

    expect(await notificationOf(id)).toMatchObject({ reason: 'bounced' });
    expect(await suppressionsOf(email)).toHaveLength(1);
    expect(await suppressionsOf(changed.email)).toEqual([]);
  });

  it('of a message to the old address does not affect the copy sent to the new one', async () => {
    const { id, messageId, email, customer } = await aSentMessage();
    const changed = { ...customer, email: `right.${email}` };
    const created = Math.floor(Date.now() / 1000) + 5;
    await service.deliver(anEvent(changed, { type: 'customer.updated', created }));
    await service.admin(`notifications/${id}/resend`, { force: true });
    await waitFor('sent again', async () => (await notificationOf(id)).attemptLog.length === 2);

    await post(aBounce({ messageId, recipient: email }));

    expect(await notificationOf(id)).toMatchObject({ status: 'sent' });
    expect(await suppressionsOf(email)).toHaveLength(1);
    expect(await suppressionsOf(changed.email)).toEqual([]);
  });

  it('of an earlier attempt to the old address suppresses only that one', async () => {
    const { id, email, customer } = await aSentMessage();
    const changed = { ...customer, email: `right.${email}` };
    const created = Math.floor(Date.now() / 1000) + 5;
    await service.deliver(anEvent(changed, { type: 'customer.updated', created }));
    await service.admin(`notifications/${id}/resend`, { force: true });
    await waitFor('sent again', async () => (await notificationOf(id)).attemptLog.length === 2);
    const messageId = `<${id}.1@mingus.test>`;

    await post(aBounce({ messageId, recipient: email }));

    expect(await notificationOf(id)).toMatchObject({ status: 'sent' });
    expect(await suppressionsOf(email)).toHaveLength(1);
    expect(await suppressionsOf(changed.email)).toEqual([]);
    await post(aBounce({ messageId, recipient: changed.email.toUpperCase() }));
    expect(await notificationOf(id)).toMatchObject({ status: 'failed', reason: 'bounced' });
    expect(await suppressionsOf(changed.email)).toHaveLength(1);
  });

  it('that is reported again after an operator resent the message changes nothing', async () => {
    const { id, messageId, email } = await aSentMessage();
    await post(aBounce({ messageId, recipient: email }));
    const [suppression] = await suppressionsOf(email);
    await service.admin(`suppressions/${suppression.id}`, undefined, 'DELETE');
    await service.admin(`notifications/${id}/resend`, {});
    await waitFor('sent again', async () => (await notificationOf(id)).status === 'sent');

    expect((await post(aBounce({ messageId, recipient: email }))).body).toEqual({ outcome: 'hard_bounce' });

    expect(await notificationOf(id)).toMatchObject({ status: 'sent' });
    expect(await suppressionsOf(email)).toEqual([]);
  });

  it('replaces a temporary suppression by an operator', async () => {
    const { messageId, email } = await aSentMessage();
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    await service.admin('suppressions', { address: email, expiresAt });

    await post(aBounce({ messageId, recipient: email }));

    const [suppression] = await suppressionsOf(email);
    expect(suppression).toMatchObject({ reason: 'hard_bounce', source: 'dsn 5.1.1 (no such user)' });
    expect(Date.parse(suppression.expiresAt)).toBeGreaterThan(Date.now() + 170 * 86_400_000);
  });

  it('of a message that an operator sent again is recognised', async () => {
    const { id, email } = await aSentMessage();
    const answer = await post(aBounce({ messageId: `<${id}.2@mingus.test>`, recipient: email }));
    expect(answer.body).toEqual({ outcome: 'hard_bounce' });
    expect(await suppressionsOf(email)).toHaveLength(1);
  });

  it('is recognised by the address it comes back to, when the original is not with it', async () => {
    const { id, email } = await aSentMessage();

    const answer = await post(aBounce({ to: `bounces+${id}@mail.mingus.test`, recipient: email }));

    expect(answer.body).toEqual({ outcome: 'hard_bounce' });
    expect(await suppressionsOf(email)).toHaveLength(1);
  });

  it('of an address that our recipient forwards to suppresses no address', async () => {
    const { id, email } = await aSentMessage();
    const to = `bounces+${id}@mail.mingus.test`;

    const answer = await post(
      aBounce({ to, messageId: `<${id}@mingus.test>`, recipient: 'eve@example.org' }),
    );

    expect(answer.body).toEqual({ outcome: 'bounce' });
    expect(await suppressionsOf(email)).toEqual([]);
    expect(await suppressionsOf('eve@example.org')).toEqual([]);
  });

  it('is not an out-of-office reply with the null sender that quotes the message', async () => {
    const { id, messageId, email } = await aSentMessage();
    const notice = [
      `From: <${email}>`,
      `To: bounces+${id}@mail.mingus.test`,
      'Return-Path: <>',
      'Auto-Submitted: auto-replied',
      'Subject: Undeliverable until Monday: I am away',
      '',
      '550 5.1.1 user unknown',
      `Message-ID: ${messageId}`,
    ];

    expect((await post(notice.join('\r\n'))).body).toEqual({ outcome: 'not_a_report' });
    expect(await suppressionsOf(email)).toEqual([]);
    expect(await notificationOf(id)).toMatchObject({ status: 'sent' });
  });

  it.each([
    ['with its code in the diagnosis alone', { status: '5.0.0', diagnostic: 'smtp; 550-5.1.1 No such user' }],
    ['with its code in brackets', { status: '5.0.0', diagnostic: 'smtp; 550 User unknown (5.1.1)' }],
    ['without a code', { status: '5.0.0', diagnostic: 'smtp; 550 No such user here' }],
    ['of a domain that is not there', { status: '5.4.4', diagnostic: 'X-Postfix; Host not found' }],
    ['of an unknown recipient at Exchange Online', { status: '5.4.1', diagnostic: EXCHANGE }],
    ['whose action has a comment', { action: 'FAILED (bounced)' }],
    ['in the international format (RFC 6533)', { partType: 'message/global-delivery-status' }],
    ['in that format with encoded headers', { partType: 'message/global-delivery-status', isEncoded: true }],
  ])('%s suppresses the address', async (_, fields) => {
    const { messageId, email } = await aSentMessage();

    const answer = await post(aBounce({ messageId, recipient: email, ...fields }));

    expect(answer.body).toEqual({ outcome: 'hard_bounce' });
    expect(await suppressionsOf(email)).toHaveLength(1);
  });

  it.each([
    ['by policy', { status: '5.7.1' }, 'bounce', 'failed'],
    [
      'that says no more than that',
      { status: '5.0.0', diagnostic: 'smtp; 550 rejected by policy' },
      'bounce',
      'failed',
    ],
    ['of a full mailbox', { status: '5.2.2' }, 'bounce', 'failed'],
    ['that gave up on a busy server', { status: '4.4.7' }, 'bounce', 'failed'],
    ['that is only a delay', { action: 'delayed', status: '4.4.1' }, 'noted', 'sent'],
    ['that is a success', { action: 'delivered', status: '2.0.0' }, 'noted', 'sent'],
  ])('%s does not suppress the address', async (_, fields, outcome, status) => {
    const { id, messageId, email } = await aSentMessage();

    const answer = await post(aBounce({ messageId, recipient: email, ...fields }));

    expect(answer.body).toEqual({ outcome });
    expect(await notificationOf(id)).toMatchObject({ status });
    expect(await suppressionsOf(email)).toEqual([]);
  });
});

describe('a complaint', () => {
  it('suppresses the address permanently; the message stays sent', async () => {
    const { id, messageId, email } = await aSentMessage();

    const answer = await post(aComplaint({ messageId }));

    expect(answer.body).toEqual({ outcome: 'complaint' });
    expect(await notificationOf(id)).toMatchObject({ status: 'sent', reason: 'complaint' });
    expect(await suppressionsOf(email)).toMatchObject([{ reason: 'complaint', expiresAt: null }]);
  });

  it('replaces a suppression by an operator, even a permanent one', async () => {
    const { messageId, email } = await aSentMessage();
    await service.admin('suppressions', { address: email });

    await post(aComplaint({ messageId }));

    expect(await suppressionsOf(email)).toMatchObject([{ reason: 'complaint', expiresAt: null }]);
  });

  it('of another feedback type suppresses no address', async () => {
    const { messageId, email } = await aSentMessage();

    const answer = await post(aComplaint({ messageId, feedbackType: 'not-spam' }));

    expect(answer.body).toEqual({ outcome: 'noted' });
    expect(await suppressionsOf(email)).toEqual([]);
  });
});

describe('a report without effect', () => {
  it.each([
    ['a report about an unknown message', aBounce({ messageId: `<${UNKNOWN_ID}@x>` }), 'unknown_message'],
    ['a report that names no message of ours', aBounce({}), 'unknown_message'],
    ['an ordinary mail', 'Subject: Hello\r\n\r\nHow are you?\r\n', 'not_a_report'],
    ['nothing', '', 'not_a_report'],
    ['bytes', '\u0000\u0001\uFFFD', 'not_a_report'],
    ['a status without any code', aBounce({ status: '', diagnostic: '' }), 'malformed_report'],
    ['an undefined status', aBounce({ status: '9.9.9', diagnostic: '' }), 'malformed_report'],
    ['an undefined action', aBounce({ action: 'exploded' }), 'malformed_report'],
    ['a status part that is empty', aBounce({ statusPart: '' }), 'malformed_report'],
    ['a status part of colons', aBounce({ statusPart: ':'.repeat(100_000) }), 'malformed_report'],
    ['a complaint without a type', aComplaint({ feedbackType: '' }), 'malformed_report'],
  ])('%s is answered with a code', async (_, mail, outcome) => {
    expect(await post(mail)).toMatchObject({ status: 200, body: { outcome } });
  });

  it.each([
    ['no signature', null],
    ['an empty one', ''],
    ['one of another body', sign('other')],
    ['one without its version', sign('x').slice(3)],
    ['one that is too short', 'v1=abcd'],
  ])('a report with %s is refused in the same way', async (_, signature) => {
    expect(await post(aBounce({}), signature)).toMatchObject({
      status: 400,
      body: { detail: 'Invalid signature' },
    });
  });

  it('a report that is too large is refused', async () => {
    expect((await post('x'.repeat(600_000))).status).toBe(413);
  });
});

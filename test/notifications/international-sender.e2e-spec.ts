import { createHmac } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isSent, onboard, waitForEach } from '../support/mail/deliveries.js';
import { aBounce } from '../support/mail/mail-reports.js';
import { request, TestApp } from '../support/test-app.js';

const SECRET = 'mail-hook-0123456789abcdef-fedcba9876543210';

const sign = (body: string) => `v1=${createHmac('sha256', SECRET).update(body).digest('hex')}`;

describe('a sender of an international domain', () => {
  it('sends in punycode, and recognises returned mail in either spelling', async () => {
    const env = {
      MAIL_FROM: 'MINGUS <hello@b\u00fccher.example>',
      BOUNCE_ADDRESS: 'bounces@b\u00fccher.example',
      MAIL_WEBHOOK_SECRET: SECRET,
    };
    const international = await TestApp.start({ jobs: true, env });
    onTestFinished(() => international.stop());
    const customer = await onboard(international);
    const sent = await waitForEach(international, customer, 'each sent', isSent);
    const [mail] = international.smtp.to(customer.email);
    expect(mail?.mail.messageId).toMatch(/@xn--bcher-kva\.example>$/);

    const outcomes = [];
    for (const [index, domain] of ['xn--bcher-kva.example', 'b\u00fccher.example'].entries()) {
      const body = aBounce({ to: `bounces+${sent[index]?.id}@${domain}`, recipient: customer.email });
      const headers = { 'content-type': 'message/rfc822', 'mail-signature': sign(body) };
      const url = `${international.url}/webhooks/mail`;
      outcomes.push((await request(url, { method: 'POST', headers, body })).body.outcome);
    }
    expect(outcomes).toEqual(['hard_bounce', 'hard_bounce']);
  });
});

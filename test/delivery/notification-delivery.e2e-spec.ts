import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { JobRunner } from '../../src/platform/jobs/job-runner.service.js';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import type { SunkMail } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const DAY_MS = 86_400_000;

describe('the messages of a new customer', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  /** Onboards a customer and waits for its messages, in the order welcome, guide, portal access. */
  async function onboard(fields: Fields = {}): Promise<{ email: string; mails: SunkMail[] }> {
    const { metadata } = await service.createUser();
    const { email, ...customer } = aCustomer({ metadata, ...fields });
    await service.deliver(anEvent({ email, ...customer }));
    await waitFor('three mails', () => service.smtp.to(email).length === 3);
    const order = ['Welcome', 'Your first week', 'Your MINGUS billing'];
    const mails = order.flatMap((start) => mailsWith(email, start));
    return { email, mails };
  }

  function mailsWith(email: string, subjectStart: string): SunkMail[] {
    return service.smtp.to(email).filter(({ mail }) => mail.subject?.startsWith(subjectStart));
  }

  async function kindsQueuedFor(customer: { id: string }): Promise<string[]> {
    const { body } = await service.admin(`customers/${customer.id}`);
    return body.notifications.map(({ kind }: { kind: string }) => kind);
  }

  it('are a welcome, an onboarding guide and the portal access, each as HTML and text', async () => {
    const { mails } = await onboard({ name: 'Grace Hopper' });

    expect(mails.map(({ mail }) => mail.subject)).toEqual([
      'Welcome to MINGUS, Grace Hopper',
      'Your first week with MINGUS',
      'Your MINGUS billing portal',
    ]);
    for (const { mail } of mails) {
      expect(mail.html).toContain('Grace Hopper');
      expect(mail.text).toContain('Grace Hopper');
      expect(mail.html).toContain('https://onboarding.mingus.test');
      expect(mail.text).toContain('https://onboarding.mingus.test');
      expect(mail.from?.text).toBe('"MINGUS" <hello@mingus.test>');
    }
  });

  it('carry a Message-ID made of the notification id, so that a repeat is recognisable', async () => {
    const { email, mails } = await onboard();

    const rows = await service.database.rows<{ id: string }>(
      'select n.id from notifications n join customers c on c.id = n.customer_id where email = $1',
      [email],
    );
    expect(mails.map(({ mail }) => mail.messageId).toSorted()).toEqual(
      rows.map(({ id }) => `<${id}@mingus.test>`).toSorted(),
    );
  });

  it.each([
    ['a second address', 'victim@x.test, Eve'],
    ['an address in angle brackets', 'Eve <victim@x.test>'],
    ['a quoted address', '"Eve" <victim@x.test>, '],
    ['a header of its own', 'Eve\r\nBcc: victim@x.test'],
    ['a bare line feed', 'Eve\nTo: victim@x.test\n\nHello'],
    ['a group', 'Friends: victim@x.test;'],
  ])('go to the customer alone, even when the name holds %s', async (_, name) => {
    const { email, mails } = await onboard({ name });

    for (const { recipients, mail } of mails) {
      expect(recipients).toEqual([email]);
      expect([mail.to].flat().flatMap((to) => to?.value.map(({ address }) => address))).toEqual([email]);
      expect(mail.headers.has('bcc')).toBe(false);
      expect(mail.headers.has('cc')).toBe(false);
    }
    expect(service.smtp.to('victim@x.test')).toEqual([]);
  });

  it.each([
    ['a template expression', '{{7*7}}', '{{7*7}}'],
    ['a raw template expression', '{{{constructor}}}', '{{{constructor}}}'],
    ['an image with a handler', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a script', '</td><script>alert(1)</script>', '</td><script>alert(1)</script>'],
    ['a line break', 'Eve\r\nDear', 'Eve Dear'],
    ['a right-to-left override', 'Eve\u202Egnp.exe', 'Evegnp.exe'],
    ['a NUL', 'Eve\u0000Adams', 'Eve\uFFFDAdams'],
    ['500 letters', 'x'.repeat(500), 'x'.repeat(80)],
    ['emoji', 'Zoë 🚀', 'Zoë 🚀'],
  ])('show a name with %s as plain text', async (_, name, shown) => {
    const { mails } = await onboard({ name });

    expect(mails[0]?.mail.subject).toBe(`Welcome to MINGUS, ${shown}`);
    for (const { mail } of mails) {
      expect(mail.text?.replaceAll(/\s+/g, ' ')).toContain(shown);
      expect(mail.html).not.toMatch(/<img|<script/);
    }
  });

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['an invisible one', ' \u200B\u202E\t'],
  ])('read well when the customer has %s for a name', async (_, name) => {
    const { mails } = await onboard({ name });

    expect(mails.map(({ mail }) => mail.subject)).toEqual([
      'Welcome to MINGUS',
      'Your first week with MINGUS',
      'Your MINGUS billing portal',
    ]);
    expect(mails[1]?.mail.text).toContain('Here are 4 small steps');
    expect(mails[2]?.mail.text).toContain('You can manage');
    for (const { mail } of mails) expect(`${mail.html}${mail.text}`).not.toMatch(/null|undefined|, [,!<\n]/);
  });

  it('leave out the onboarding guide for a long-standing user', async () => {
    const { metadata } = await service.createUser({ createdAt: new Date(Date.now() - 31 * DAY_MS) });
    const customer = aCustomer({ metadata });

    const { body } = await service.deliver(anEvent(customer));

    expect(body.notifications_sent).toBe(2);
    expect(await kindsQueuedFor(customer)).toEqual(['welcome', 'portal_access']);
  });

  it('are not repeated when the same user gets a second Stripe customer', async () => {
    const { metadata } = await service.createUser();
    await service.deliver(anEvent(aCustomer({ metadata })));
    const second = aCustomer({ metadata });

    const { body } = await service.deliver(anEvent(second));

    expect(body).toMatchObject({ success: true, notifications_sent: 0 });
    expect(await kindsQueuedFor(second)).toEqual([]);
  });

  it('show every attempt with its code and time in the admin API', async () => {
    const { mails } = await onboard();
    const id = /<(.*)@/.exec(mails[0]?.mail.messageId ?? '')?.[1];

    const notification = await waitFor('marked sent', async () => {
      const { body } = await service.admin(`notifications/${id}`);
      return body.status === 'sent' ? body : null;
    });

    expect(notification).toMatchObject({ kind: 'welcome', nextAttemptAt: null, reason: null });
    expect(notification.attemptLog).toEqual([
      {
        outcome: 'accepted',
        smtpCode: 250,
        enhancedCode: null,
        errorCode: null,
        phase: 'data_sent',
        durationMs: expect.any(Number),
        attemptedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
    expect(Date.parse(notification.sentAt)).toBeGreaterThanOrEqual(
      Date.parse(notification.attemptLog[0].attemptedAt),
    );
  });
});

describe('a message the customer does not want', () => {
  it('is suppressed, also when the customer opts out after it was queued', async () => {
    const service = await TestApp.start();
    onTestFinished(() => service.stop());
    const { metadata } = await service.createUser();
    const customer = aCustomer({ metadata });
    await service.deliver(anEvent(customer));
    await service.database.rows(
      `update customer_preferences set notifications = jsonb_set(notifications, '{welcome,email}', 'false')`,
    );
    await service.database.rows(`update portal_accesses set status = 'suspended'`);

    await service.app.get(JobRunner).start();

    await waitFor(
      'all ended',
      async () => (await service.database.count('notifications', `status = 'queued'`)) === 0,
    );
    const { body } = await service.admin(`customers/${customer.id}`);
    expect(body.notifications).toMatchObject([
      { kind: 'welcome', status: 'suppressed', reason: 'preferences', attemptLog: [] },
      { kind: 'onboarding_guide', status: 'sent', reason: null },
      { kind: 'portal_access', status: 'suppressed', reason: 'no_portal_access', attemptLog: [] },
    ]);
    expect(service.smtp.to(customer.email)).toHaveLength(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCustomer, anEvent, type Fields } from '../support/builders.js';
import type { SunkMail } from '../support/mail/smtp-sink.js';
import { TestApp } from '../support/test-app.js';
import { waitFor } from '../support/wait-for.js';

const VICTIM = 'victim@x.test';
/** RFC 5321 allows one character more, the mail server of these tests does not. */
const LONGEST_ADDRESS = `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}place`;

describe('a hostile name or address', () => {
  let service: TestApp;

  beforeAll(async () => {
    service = await TestApp.start({ jobs: true });
  });
  afterAll(() => service.stop());

  /** The three messages of a new customer, in the order welcome, guide, portal access. */
  async function onboard(fields: Fields): Promise<SunkMail[]> {
    const seen = service.smtp.mails.length;
    const { metadata } = await service.createUser();
    const { status, body } = await service.deliver(anEvent(aCustomer({ metadata, ...fields })));
    expect({ status, success: body.success }).toEqual({ status: 200, success: true });
    await waitFor('three mails', () => service.smtp.mails.length >= seen + 3);
    // Ids increase with time, and each Message-ID is the id of its notification.
    return service.smtp.mails
      .slice(seen)
      .toSorted((a, b) => String(a.mail.messageId).localeCompare(String(b.mail.messageId)));
  }

  const tagsOf = (html: string) =>
    (html.match(/<[a-z!/][^>]*>/gi) ?? []).map((tag) => /^<\/?[a-z!]+/i.exec(tag)?.[0]);

  it.each([
    ['a second address', `${VICTIM}, Eve`],
    ['a mailbox', `Eve <${VICTIM}>`],
    ['a header', `Eve\r\nBcc: ${VICTIM}`],
    ['a folded header', `Eve\r\n\tBcc: ${VICTIM}`],
    ['a header after a bare CR', `Eve\rBcc: ${VICTIM}`],
    ['a message of its own', `Eve\n\nDear ${VICTIM},\n.\nRCPT TO:<${VICTIM}>`],
    ['an encoded word', `=?utf-8?q?Eve=0D=0ABcc:_${VICTIM}?=`],
    ['a group', `Friends: ${VICTIM};`],
    ['quotes and comments', `"Eve\\" (a <${VICTIM}>,`],
    ['a right-to-left override', 'Eve \u202Emoc.knab\u202C'],
    ['right-to-left letters', 'محمد بن موسى'],
    ['a calculation in braces', '{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {%7*7%} $t(messages:frame.help)'],
    ['markup', '</p></td><script>alert(1)</script><img src=x onerror=alert(1)><b>'],
    ['a link', '<a href="https://evil.test">Click</a> [click](https://evil.test)'],
    ['a mail boundary', '--_NmP-0123456789abcdef-Part_1\r\nContent-Type: text/html\r\n\r\n<h1>'],
    ['254 letters', 'W'.repeat(254)],
  ])('reaches no other recipient, and %s in the name has no effect', async (_, name) => {
    const mails = await onboard({ name, email: `eve-${name.length}@example.com` });
    const harmless = await onboard({ name: 'Ada' });

    for (const [index, { recipients, mail }] of mails.entries()) {
      expect(recipients).toEqual([`eve-${name.length}@example.com`]);
      expect([mail.to].flat().flatMap((to) => to?.value ?? [])).toHaveLength(1);
      expect([mail.cc, mail.bcc]).toEqual([undefined, undefined]);
      expect(mail.attachments).toEqual([]);
      expect([...mail.headers.keys()]).toEqual([...(harmless[index]?.mail.headers.keys() ?? [])]);
      expect(mail.subject).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(tagsOf(mail.html || '')).toEqual(tagsOf(harmless[index]?.mail.html || ''));
      expect(`${mail.subject}${mail.text}${mail.html}`).not.toMatch(/\b49\b/);
    }
    expect(service.smtp.to(VICTIM)).toEqual([]);
  });

  it.each([
    ['253 characters', LONGEST_ADDRESS],
    ['an internationalised domain', 'eve@bücher.example'],
    ['a domain in another script', 'eve@раураl.example'],
    ['a plus and an apostrophe', "o'neil+news@example.com"],
    ['an upper-case domain', 'Eve@EXAMPLE.COM'],
  ])('gets messages only at its own address, with %s', async (_, email) => {
    const mails = await onboard({ email });

    for (const { recipients } of mails) {
      expect(recipients).toHaveLength(1);
      expect(new URL(`http://${recipients[0]?.split('@')[1]}`).hostname).toBe(
        new URL(`http://${email.split('@')[1]}`).hostname,
      );
    }
  });

  it.each([
    `eve@example.com, ${VICTIM}`,
    `eve@example.com;${VICTIM}`,
    `eve@example.com\r\nBcc: ${VICTIM}`,
    `eve@example.com\nRCPT TO:<${VICTIM}>`,
    `Eve <${VICTIM}>`,
    `<${VICTIM}>`,
    `eve@example.com>,<${VICTIM}`,
    `eve@example.com%0ABcc:${VICTIM} `,
    'eve@example.com\u0000',
    'eve@exa mple.com',
    `${'a'.repeat(65)}@example.com`,
    `a@${`${'b'.repeat(61)}.`.repeat(4)}example.com`,
    'eve@',
    '@example.com',
  ])('gets no message at the address %j', async (email) => {
    const seen = service.smtp.mails.length;
    const { metadata } = await service.createUser();

    const { body } = await service.deliver(anEvent(aCustomer({ metadata, email })));

    expect(body.success).toBe(false);
    expect(await service.database.count('customers', `user_id = '${metadata.mingus_user_id}'`)).toBe(0);
    expect(service.smtp.mails).toHaveLength(seen);
  });

  it('affects no other message with one that cannot be written', async () => {
    const { metadata } = await service.createUser();
    const marked = aCustomer({ metadata, name: 'Eve', preferred_locales: ['en'] });
    await service.database.rows(`create function break_marked() returns trigger language plpgsql as $$
      begin if new.locale = 'en-ZW' then new.timezone := 'Mars/Olympus'; end if; return new; end $$`);
    await service.database.rows(
      'create trigger break_marked before insert on customer_preferences for each row execute function break_marked()',
    );
    const broken = aCustomer({ ...marked, preferred_locales: ['en-ZW'] });
    await service.deliver(anEvent(broken));
    const others = await onboard({ email: 'bystander@example.com' });

    await waitFor(
      'all ended',
      async () => (await service.database.count('notifications', `status = 'queued'`)) === 0,
    );
    const { body } = await service.admin(`customers/${broken.id}`);
    expect(body.notifications).toMatchObject([
      {
        kind: 'welcome',
        status: 'failed',
        reason: 'render_failed',
        attemptLog: [{ outcome: 'render_failed' }],
      },
      { kind: 'onboarding_guide', status: 'failed', reason: 'render_failed' },
      { kind: 'portal_access', status: 'failed', reason: 'render_failed' },
    ]);
    expect(others.map(({ recipients }) => recipients)).toEqual(
      Array.from({ length: 3 }, () => ['bystander@example.com']),
    );
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type MailReport,
  readMailReport,
  type ReportProblem,
} from '../../src/notifications/bounces/reports/mail-report.js';
import { readReceivedMail } from '../../src/notifications/bounces/reports/received-mail.js';
import { conclusionOf } from '../../src/notifications/bounces/report-conclusion.js';
import { aBounce } from '../support/mail/mail-reports.js';
import { TEXT_REPORTS } from '../support/mail/text-reports.js';

const ADA = 'ada@example.com';
const EVE = 'eve@example.com';
const ORIGINAL = [
  'Return-Path: <hello@mingus.test>',
  'Received: from mingus.test',
  'Subject: Your mailbox is over quota, blocked by policy; user unknown',
].join('\r\n');

/** A folder with mails and an `expected.json` about them: `{ "<file>": { "reason", "hard" } }`. */
const FIXTURES_DIR = process.env.BOUNCE_FIXTURES_DIR ?? '';
const EXPECTED_FILE = join(FIXTURES_DIR, 'expected.json');

async function read(mail: string | Buffer): Promise<MailReport | ReportProblem> {
  const received = await readReceivedMail(Buffer.from(mail));
  return received ? readMailReport(received) : 'not_a_report';
}

async function outcomeOf(mail: string | Buffer, address = ADA, cameToOwnAddress = true): Promise<string> {
  const report = await read(mail);
  return typeof report === 'string' ? report : conclusionOf(report, address, cameToOwnAddress).outcome;
}

/** Whether a report is evidence against each of the addresses that it names. */
async function saysGone(mail: Buffer): Promise<boolean> {
  const report = await read(mail);
  if (typeof report === 'string') return false;
  const named = report.recipients.map(({ addresses }) => addresses[0] ?? ADA);
  return named.every((address) => conclusionOf(report, address, true).outcome === 'hard_bounce');
}

describe('a report without a machine-readable part', () => {
  const reportOf = (form: string, reply: string) =>
    TEXT_REPORTS[form]?.({ recipient: ADA, reply, returned: ORIGINAL }) ?? '';

  describe.each(Object.keys(TEXT_REPORTS))('of %s', (form) => {
    it.each([
      ['550 5.1.1 <ada@example.com>... User unknown', 'hard_bounce'],
      ['The recipient name is not recognized', 'hard_bounce'],
      ['552 5.2.2 Mailbox full', 'bounce'],
      ['552 5.1.1 Mailbox is over quota', 'bounce'],
      ['550 Go away, no PTR record', 'bounce'],
      ['550 No', 'bounce'],
    ])('that says "%s" is a %s', async (reply, outcome) => {
      expect(await outcomeOf(reportOf(form, reply))).toBe(outcome);
    });
  });

  it('is read up to the returned message', async () => {
    const report = await read(reportOf('Exim', '550 No'));
    expect(report).toMatchObject({ recipients: [{ verdict: { address: 'unclear' } }] });
  });

  it('of HTML alone is read as its text', async () => {
    const html = `<p>Delivery has failed to these recipients:</p><p>${ADA}</p><p>#550 5.1.1 User unknown</p>`;
    const head = 'From: postmaster@example.com\r\nSubject: Undeliverable: Welcome\r\nContent-Type: text/html';
    expect(await outcomeOf(`${head}\r\n\r\n${html}\r\n`)).toBe('hard_bounce');
  });

  it('that warns of a delay is not a failure report', async () => {
    const warning = reportOf('Exim', '550 5.1.1 User unknown')
      .replace('Mail delivery failed: returning message to sender', 'Warning: message delayed 24 hours')
      .replace('could not be delivered', 'has not yet been delivered');
    expect(await outcomeOf(warning)).toBe('noted');
  });

  it('with the standard fields in its text is read by these fields', async () => {
    const fields = [
      'Action : failed',
      `Final-Recipient : ${ADA}`,
      'Diagnostic-Code : smtp; 550 5.1.1',
      '  no such user',
    ];
    expect(await outcomeOf(reportOf('Gmail', fields.join('\r\n')))).toBe('hard_bounce');
  });

  it('of two recipients counts for our recipient', async () => {
    const report = reportOf('qmail', '550 5.1.1 User unknown').replace(
      '--- Below',
      `<${EVE}>:\r\n192.0.2.9 does not like recipient.\r\nRemote host said: 552 5.2.2 Mailbox full\r\n\r\n--- Below`,
    );
    expect(await outcomeOf(report, ADA)).toBe('hard_bounce');
    expect(await outcomeOf(report, EVE)).toBe('bounce');
    expect(await outcomeOf(report, 'mailing-list@example.com')).toBe('bounce');
  });

  it.each([
    [
      'of a person',
      'From: Ada <ada@example.com>',
      'Subject: Undeliverable: I wrote "550 5.1.1 user unknown"',
    ],
    ['of an auto-responder', 'From: Ada <ada@example.com>\r\nReturn-Path: <>', 'Subject: Re: Welcome'],
    [
      'of a notice of absence with the null sender',
      'From: Ada <ada@example.com>\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied (vacation)',
      'Subject: Undeliverable until Monday: I am away',
    ],
    ['of a mail system about something else', 'From: postmaster@example.com', 'Subject: Your weekly summary'],
  ])('is not a mail %s that quotes a report', async (_, from, subject) => {
    const mail = `${from}\r\n${subject}\r\n\r\n550 5.1.1 <ada@example.com>: User unknown\r\n`;
    expect(await outcomeOf(mail)).toBe('not_a_report');
  });

  it('without a reason is unreadable', async () => {
    const mail =
      'From: MAILER-DAEMON@example.com\r\nSubject: Delivery report\r\n\r\nSee the attached file.\r\n';
    expect(await read(mail)).toBe('unreadable_report');
  });
});

describe('the fields of a report', () => {
  const withFields = (...lines: string[]) => aBounce({ statusPart: lines.join('\r\n') });
  const NAMED = `Final-Recipient: rfc822; ${ADA}`;

  it.each([
    [
      'with blanks before the colon',
      [`Final-Recipient : rfc822; ${ADA}`, 'Action : failed', 'Status  : 5.1.1'],
      'hard_bounce',
    ],
    [
      'folded',
      [NAMED, 'Action:', ' failed', 'Status: 5.0.0', 'Diagnostic-Code: smtp;', '\t550', '  5.1.1 no'],
      'hard_bounce',
    ],
    [
      'without a status, with a code in the diagnosis',
      [NAMED, 'Action: failed', 'Diagnostic-Code: smtp; 550 5.1.1 no'],
      'hard_bounce',
    ],
    [
      'with words alone, as Courier writes them',
      [NAMED, 'Action: failed', 'Status: 5.0.0', 'Diagnostic-Code: smtp; User unknown'],
      'hard_bounce',
    ],
    [
      'with "no such user here" alone',
      [NAMED, 'Action: failed', 'Status: 5.1.0', 'Diagnostic-Code: smtp; No such user here'],
      'hard_bounce',
    ],
    [
      'of a full mailbox in Spanish',
      [NAMED, 'Action: failed', 'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.1.1 Buzón lleno'],
      'bounce',
    ],
    ['without an action', [NAMED, 'Status: 5.1.1'], 'hard_bounce'],
    [
      'without a type of the address',
      [`Final-Recipient: ${ADA}`, 'Action: failed', 'Status: 5.1.1'],
      'hard_bounce',
    ],
    [
      'without a type of the diagnosis',
      [NAMED, 'Action: failed', 'Diagnostic-Code: 550 5.1.1 no'],
      'hard_bounce',
    ],
    ['with an empty line amid them', [NAMED, 'Action: failed', '', 'Status: 5.1.1'], 'hard_bounce'],
    [
      'whose diagnosis is more exact than the status',
      [NAMED, 'Action: failed', 'Status: 5.1.1', 'Diagnostic-Code: smtp; 550 5.7.1 blacklisted'],
      'bounce',
    ],
    [
      'with a full mailbox as unknown',
      [NAMED, 'Action: failed', 'Status: 5.1.1', 'Diagnostic-Code: smtp; 552 5.1.1 over quota'],
      'bounce',
    ],
    [
      'of a rate',
      [
        NAMED,
        'Action: failed',
        'Status: 5.2.1',
        'Diagnostic-Code: smtp; 550 5.2.1 receiving mail at a rate that',
      ],
      'bounce',
    ],
    [
      'of an undefined action that gave up',
      [NAMED, 'Action: expired', 'Diagnostic-Code: smtp; Connection timed out'],
      'bounce',
    ],
  ])('%s are read', async (_, lines, outcome) => {
    expect(await outcomeOf(withFields(...lines))).toBe(outcome);
  });

  it('of several recipients are separate, with or without an empty line between them', async () => {
    const ada = [NAMED, 'Action: failed', 'Status: 5.1.1'];
    const eve = [`Final-Recipient: rfc822; ${EVE}`, 'Action: failed', 'Status: 5.2.2'];
    for (const lines of [
      [...ada, '', ...eve],
      [...ada, ...eve],
    ]) {
      expect(await outcomeOf(withFields(...lines), ADA)).toBe('hard_bounce');
      expect(await outcomeOf(withFields(...lines), EVE)).toBe('bounce');
    }
  });

  it.each([
    [
      'names our recipient as the one it was before',
      [`Original-Recipient: rfc822; ${ADA}`],
      true,
      'hard_bounce',
    ],
    ['names another recipient alone', [], true, 'bounce'],
    ['names another recipient alone, and came by the Message-ID', [], false, 'bounce'],
  ])('of an alias that forwards count if the report %s', async (_, more, cameToOwnAddress, outcome) => {
    const lines = [...more, `Final-Recipient: rfc822; ${EVE}`, 'Action: failed', 'Status: 5.1.1'];
    expect(await outcomeOf(withFields(...lines), ADA, cameToOwnAddress)).toBe(outcome);
  });

  it('without any recipient count if the report came to the bounce address of the message', async () => {
    const report = withFields('Action: failed', 'Status: 5.1.1');
    expect(await outcomeOf(report, ADA, true)).toBe('hard_bounce');
    expect(await outcomeOf(report, ADA, false)).toBe('bounce');
  });

  it('of a system that answers by rules are no evidence', async () => {
    const reporter = 'Reporting-MTA: dns; inbound-smtp.us-west-2.amazonaws.com';
    const said = [
      NAMED,
      'Action: failed',
      'Status: 5.1.1',
      'Diagnostic-Code: smtp; 550 5.1.1 Mailbox does not exist',
    ];
    expect(await read(withFields(reporter, '', ...said))).toMatchObject({
      recipients: [{ verdict: { address: 'unclear' } }],
    });
  });
});

describe('a notification of Amazon SES by mail', () => {
  const notification = (bounce: object) =>
    `From: no-reply@sns.amazonaws.com\r\nSubject: AWS Notification Message\r\n\r\n${JSON.stringify({
      Message: JSON.stringify({ notificationType: 'Bounce', bounce }),
    })}\r\n--\r\nUnsubscribe here\r\n`;

  it.each([
    ['smtp; 550 5.1.1 user unknown', '5.1.1', 'hard_bounce'],
    ['smtp; 552 5.2.2 mailbox full', '5.2.2', 'bounce'],
  ])('that reports "%s"', async (diagnosticCode, status, outcome) => {
    const bouncedRecipients = [{ emailAddress: ADA, action: 'failed', status, diagnosticCode }];
    expect(await outcomeOf(notification({ bouncedRecipients }))).toBe(outcome);
  });

  it('that is broken is not a report', async () => {
    const mail = 'From: no-reply@sns.amazonaws.com\r\n\r\n{"notificationType":"Bounce","bounce":[}\r\n';
    expect(await outcomeOf(mail)).toBe('not_a_report');
  });
});

describe('a complaint of Outlook.com, which is the message alone', () => {
  it('is recognised', async () => {
    const mail = 'From: staff@hotmail.com\r\nSubject: complaint about message from 192.0.2.1\r\n\r\nx\r\n';
    expect(await outcomeOf(mail)).toBe('complaint');
  });
});

describe.skipIf(!existsSync(EXPECTED_FILE))('mails from elsewhere (BOUNCE_FIXTURES_DIR)', () => {
  it('are recognised in 85 of 100 cases of unknown users, and at most one of 100 others suppresses an address', async () => {
    const expected = JSON.parse(readFileSync(EXPECTED_FILE, 'utf8')) as Record<
      string,
      { reason: string; hard: boolean }
    >;
    const mails = [];
    for (const [file, { reason, hard }] of Object.entries(expected)) {
      const isGone = await saysGone(readFileSync(join(FIXTURES_DIR, file)));
      mails.push({ isUnknown: hard && reason === 'userunknown', hard, isGone });
    }
    const unknown = mails.filter(({ isUnknown }) => isUnknown);
    const others = mails.filter(({ hard }) => !hard);
    expect(unknown.filter(({ isGone }) => isGone).length / unknown.length).toBeGreaterThanOrEqual(0.85);
    expect(others.filter(({ isGone }) => isGone).length / others.length).toBeLessThanOrEqual(0.01);
  }, 60_000);
});

/** Reports without a machine-readable part, in the forms of different mail systems. */
export type TextReportForm = (fields: { recipient: string; reply: string; returned: string }) => string;

interface ReportHead {
  from: string;
  subject: string;
  headers?: string[];
}

function aTextReport({ from, subject, headers = [] }: ReportHead, body: string[]): string {
  const head = [
    `From: ${from}`,
    'To: hello@mingus.test',
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    ...headers,
  ];
  return [...head, 'Content-Type: text/plain; charset=utf-8', '', ...body, ''].join('\r\n');
}

const DAEMON = 'Mail Delivery System <MAILER-DAEMON@mx.example.net>';

/**
 * Forms by mail system. `recipient` was refused with `reply`; `returned` holds the headers of our message.
 */
export const TEXT_REPORTS: Readonly<Record<string, TextReportForm>> = {
  qmail: ({ recipient, reply, returned }) =>
    aTextReport({ from: 'MAILER-DAEMON@mx.example.net', subject: 'failure notice' }, [
      'Hi. This is the qmail-send program at mx.example.net.',
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      "This is a permanent error; I've given up. Sorry it didn't work out.",
      '',
      `<${recipient}>:`,
      '192.0.2.9 does not like recipient.',
      `Remote host said: ${reply}`,
      'Giving up on 192.0.2.9.',
      '',
      '--- Below this line is a copy of the message.',
      '',
      returned,
    ]),
  Exim: ({ recipient, reply, returned }) =>
    aTextReport(
      {
        from: 'Mail Delivery System <Mailer-Daemon@mx.example.net>',
        subject: 'Mail delivery failed: returning message to sender',
        headers: [`X-Failed-Recipients: ${recipient}`, 'Auto-Submitted: auto-replied'],
      },
      [
        'This message was created automatically by mail delivery software.',
        '',
        'A message that you sent could not be delivered to one or more of its',
        'recipients. This is a permanent error. The following address(es) failed:',
        '',
        `  ${recipient}`,
        `    SMTP error from remote mail server after RCPT TO:<${recipient}>:`,
        `    host mx.example.com [192.0.2.9]: ${reply}`,
        '',
        '------ This is a copy of the message, including all the headers. ------',
        '',
        returned,
      ],
    ),
  'Exchange 2000': ({ recipient, reply, returned }) =>
    aTextReport(
      { from: 'System Administrator <postmaster@example.net>', subject: 'Undeliverable: Welcome' },
      [
        'Your message',
        '',
        `  To:      ${recipient}`,
        '  Subject: Welcome',
        '  Sent:    Tue, 24 Nov 2026 12:00:00 +0000',
        '',
        'did not reach the following recipient(s):',
        '',
        `${recipient} on Tue, 24 Nov 2026 12:00:05 +0000`,
        `    ${reply}`,
        '    MSEXCH:IMS:EXAMPLE:SITE:SERVER 0',
        '',
        returned,
      ],
    ),
  Sendmail: ({ recipient, reply, returned }) =>
    aTextReport({ from: DAEMON, subject: 'Returned mail: see transcript for details' }, [
      '   ----- The following addresses had permanent fatal errors -----',
      `<${recipient}>`,
      '',
      '   ----- Transcript of session follows -----',
      '... while talking to mx.example.com.:',
      `>>> RCPT To:<${recipient}>`,
      `<<< ${reply}`,
      '',
      '   ----- Original message follows -----',
      '',
      returned,
    ]),
  Gmail: ({ recipient, reply, returned }) =>
    aTextReport(
      { from: DAEMON, subject: 'Delivery Status Notification (Failure)', headers: ['Return-Path: <>'] },
      [
        'Delivery to the following recipient failed permanently:',
        '',
        `     ${recipient}`,
        '',
        'Technical details of permanent failure:',
        'Google tried to deliver your message, but it was rejected by the recipient domain.',
        'The error that the other server returned was:',
        reply,
        '',
        '----- Original message -----',
        '',
        returned,
      ],
    ),
  'DragonFly Mail Agent': ({ recipient, reply, returned }) =>
    aTextReport({ from: 'MAILER-DAEMON <>', subject: 'Mail delivery failed' }, [
      'This is the DragonFly Mail Agent v0.13 at mx.example.net.',
      '',
      `There was an error delivering your mail to <${recipient}>.`,
      '',
      'mx.example.com [192.0.2.9] did not like our RCPT TO:',
      reply,
      '',
      'Message headers follow.',
      '',
      returned,
    ]),
};

/** A delivery status notification (RFC 3464), as a mail server returns it for one of our messages. */
export function aBounce(fields: {
  messageId?: string;
  to?: string;
  action?: string;
  status?: string;
  diagnostic?: string;
  statusPart?: string;
  partType?: string;
}): string {
  const { messageId = '<nobody@mingus.test>', to = 'hello@mingus.test', action = 'failed' } = fields;
  const { status = '5.1.1', partType = 'message/delivery-status' } = fields;
  const { diagnostic = 'smtp; 550\r\n  5.1.1 no such user' } = fields;
  const statusPart =
    fields.statusPart ??
    [
      'Reporting-MTA: dns; mx.example.com',
      'Arrival-Date: Tue, 24 Nov 2026 12:00:00 +0000',
      '',
      'Final-Recipient: rfc822; ada@example.com',
      `Action: ${action}`,
      `Status: ${status}`,
      `Diagnostic-Code: ${diagnostic}`,
    ].join('\r\n');
  return aReport('delivery-status', partType, statusPart, messageId, to);
}

/** A feedback report (RFC 5965), as a mailbox provider sends it. */
export function aComplaint(fields: { messageId?: string; feedbackType?: string }): string {
  const { messageId = '<nobody@mingus.test>', feedbackType = 'abuse' } = fields;
  const part = [`Feedback-Type: ${feedbackType}`, 'User-Agent: SomeGenerator/1.0', 'Version: 1'].join('\r\n');
  return aReport('feedback-report', 'message/feedback-report', part, messageId, 'fbl@mingus.test');
}

function aReport(reportType: string, partType: string, part: string, messageId: string, to: string): string {
  return [
    'From: Mail Delivery System <MAILER-DAEMON@mx.example.com>',
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${reportType}; boundary="b1"`,
    '',
    '--b1',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is the mail system at host mx.example.com.',
    '',
    '--b1',
    `Content-Type: ${partType}`,
    '',
    part,
    '',
    '--b1',
    'Content-Type: text/rfc822-headers',
    '',
    'From: MINGUS <hello@mingus.test>',
    'Subject: Welcome',
    `Message-ID: ${messageId}`,
    '',
    '--b1--',
    '',
  ].join('\r\n');
}

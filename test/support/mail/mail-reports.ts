/** A delivery status notification (RFC 3464), as a mail server returns it for one of our messages. */
export function aBounce(fields: {
  messageId?: string;
  to?: string;
  action?: string;
  status?: string;
  diagnostic?: string;
  statusPart?: string;
  partType?: string;
  recipient?: string;
  /** Whether the headers of the original are encoded, as international ones may be (RFC 6533). */
  isEncoded?: boolean;
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
      `Final-Recipient: rfc822; ${fields.recipient ?? 'ada@example.com'}`,
      `Action: ${action}`,
      `Status: ${status}`,
      `Diagnostic-Code: ${diagnostic}`,
    ].join('\r\n');
  return aReport({
    reportType: 'delivery-status',
    partType,
    part: statusPart,
    messageId,
    to,
    isEncoded: fields.isEncoded,
  });
}

/** A feedback report (RFC 5965), as a mailbox provider sends it. */
export function aComplaint(fields: { messageId?: string; feedbackType?: string }): string {
  const { messageId = '<nobody@mingus.test>', feedbackType = 'abuse' } = fields;
  const part = [`Feedback-Type: ${feedbackType}`, 'User-Agent: SomeGenerator/1.0', 'Version: 1'].join('\r\n');
  return aReport({
    reportType: 'feedback-report',
    partType: 'message/feedback-report',
    part,
    messageId,
    to: 'fbl@mingus.test',
  });
}

interface Report {
  reportType: string;
  partType: string;
  part: string;
  messageId: string;
  to: string;
  isEncoded?: boolean;
}

function aReport({ reportType, partType, part, messageId, to, isEncoded = false }: Report): string {
  const original = ['From: MINGUS <hello@mingus.test>', 'Subject: Welcome', `Message-ID: ${messageId}`].join(
    '\r\n',
  );
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
    ...(isEncoded
      ? ['Content-Type: message/global-headers', 'Content-Transfer-Encoding: base64']
      : ['Content-Type: text/rfc822-headers']),
    '',
    isEncoded ? Buffer.from(original).toString('base64') : original,
    '',
    '--b1--',
    '',
  ].join('\r\n');
}

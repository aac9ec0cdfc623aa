import { describe, expect, it } from 'vitest';
import { isAboutUs, REPLIES, type Subject, subjectOfReply } from './replies-about-us.js';

const subjectOf = (text: string): Subject | null =>
  subjectOfReply({
    smtpCode: Number(text.slice(0, 3)),
    enhancedCode: /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null,
    text,
  });

/** Replies of real servers, with addresses and networks reserved for documentation. */
const SAID: Record<Subject, string[]> = {
  quota: [
    '550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852 - gsmtp',
    '550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n550 5.4.5 sending limits go to https://support.google.com/a/answer/166852',
    '550 5.4.5 Daily sending quota exceeded.',
    '550 5.4.5 Daily SMTP relay limit exceeded for user.',
    '550 5.7.1 Daily SMTP relay limit exceeded for customer.',
    '550 5.7.1 Email quota exceeded.',
    '450 4.2.1 Peak SMTP relay limit exceeded for customer.',
    '454 Throttling failure: Daily message quota exceeded.',
    '454 Throttling failure: Maximum sending rate exceeded.',
    "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
    '550 5.7.233 - Your message cannot be sent because your tenant has exceeded its daily limit for sending email to external recipients (TERRL)',
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception',
    '550 Domain mingus.test has exceeded the max emails per hour (151/150 (100%)) allowed. Message discarded.',
    '550 Domain mingus.test has exceeded the max defers and failures per hour (5/5 (100%)) allowed. Message discarded.',
    '451 Authentication failed: Maximum credits exceeded',
    '452 Too many recipients received this hour (throttled)',
    '554 5.7.1 <ada@example.com>: Recipient address rejected: Policy Rejection- Message count quota exceeded.',
    "451 4.7.1 <ada@example.com>: Recipient address rejected: Ratelimit 'hostinger_out_ratelimit' exceeded",
    '550 5.7.1 Sending limit exceeded for this account',
    '554 You have exceeded your hourly email limit',
  ],
  account: [
    '550 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM',
    '550 5.7.705 Access denied, tenant has exceeded threshold',
    '550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains',
    '550 5.7.0 Mail Sending denied.',
    '554 Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.',
    "554 Access denied: User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on resource `x'",
    '421 Domain mg.mingus.test is not allowed to send: Free accounts are for test purposes only',
    '550 5.7.1 The domain mg.mingus.test is not allowed to send: Account terminated',
    '502 5.7.0 Your SMTP account is not yet activated',
    '525 5.7.13 User account disabled',
    '550 5.7.1 Your account has been suspended, please contact support',
    '554 5.1.0 Email Outgoing Blocked.',
    '550 Sender mingus.test has an outgoing mail suspension. Message discarded.',
    '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; WASCL UserAction verdict is not None. Actual verdict is Suspend',
    '550 5.7.1 Authentication required',
    '550 Please authenticate first',
  ],
  sender: [
    '550 5.1.8 Access denied, bad outbound sender AS(42004)',
    '553 5.1.8 <hello@mingus.test>... Domain of sender address hello@mingus.test does not exist',
    '550 5.1.0 <hello@mingus.test>: Sender address rejected: User unknown in virtual mailbox table',
    '450 4.1.8 <hello@mingus.test>: Sender address rejected: Domain not found',
    '553 5.7.1 <hello@mingus.test>: Sender address rejected: not owned by user ada',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    '554 5.2.252 SendAsDenied; hello@mingus.test not allowed to send as other@mingus.test',
    '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
    '554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: hello@mingus.test',
    '550 5.7.1 Unconfigured Sending Domain <mingus.test>',
    '550 Sender verify failed',
    '553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)',
    '550 Requested action not taken: mailbox unavailable. Sender address is not allowed.',
    '504 5.5.2 <worker-1>: Helo command rejected: need fully-qualified hostname',
  ],
  authentication: [
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated.\r\n550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM.\r\n550 5.7.26 - gsmtp',
    "550-5.7.26 Unauthenticated email from mingus.test is not accepted due to domain's\r\n550 5.7.26 DMARC policy.",
    '550 5.7.25 The IP address sending this message does not have a PTR record setup',
    '550 5.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.1]',
    '550 5.7.1 [192.0.2.1] The sending IP has no PTR record',
    '550 5.7.23 The message was rejected because of Sender Policy Framework violation -> 550 5.7.1',
    '550 5.7.515 Access denied, sending domain mingus.test does not meet the required authentication level.',
    '550 5.7.509 Access denied, sending domain mingus.test does not pass DMARC verification and has a DMARC policy of reject.',
    '550 5.7.1 Email rejected per DMARC policy for mingus.test',
    '554 5.7.9 Message not accepted for policy reasons: DKIM signature does not verify',
    '550 SPF check failed',
    '550 5.7.27 Sender address has null MX',
    '554 5.7.1 This system will not accept messages from servers/devices with no reverse DNS',
    "550 hello@mingus.test is not allowed to send mail from 192.0.2.1 per it's SPF Record",
  ],
  relaying: [
    '554 5.7.1 <ada@example.com>: Relay access denied',
    '550 relay not permitted',
    '550-5.7.0 Mail relay denied [192.0.2.1].\r\n550 5.7.0 Invalid credentials for relay',
    '550 5.7.1 <ada@example.com>... Relaying denied',
    "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
    '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain',
    '550 5.7.64 TenantAttribution; Relay Access Denied',
    '553 Relaying disallowed as hello@mingus.test',
    '550 This system is not configured to relay mail',
  ],
  reputation: [
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
    '550-5.7.1 [192.0.2.1] Our system has detected that this message is likely suspicious\r\n550-5.7.1 due to the very low reputation of the sending IP address. To protect our\r\n550 5.7.1 users from spam, the message has been blocked.',
    '550-5.7.1 Our system has detected an unusual rate of unsolicited mail originating from your IP address. To protect our users from spam, mail sent from your IP address has been blocked.',
    "550 5.7.1 The IP you're using to send mail is not authorized to send email directly to our servers.",
    "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see https://postmaster.yahooinc.com/error-codes",
    '553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.',
    '550 5.7.501 Access denied, spam abuse detected',
    '550 5.7.511 Access denied, banned sender[192.0.2.1]',
    '550 5.7.708 Access denied, traffic not accepted from this IP.',
    "554 Your access to this mail system has been rejected due to the sending MTA's poor reputation.",
    '550 5.7.1 Mail from IP 192.0.2.1 was rejected due to listing in Spamhaus SBL.',
    '550 rejected because 192.0.2.1 is in a black list at dnsbl.example',
    '550 Your IP 192.0.2.1 is listed in our database',
    '554 5.7.1 Too many spams from your IP (192.0.2.1), please visit http://postmaster.example/',
    '550 5.4.6 Unusual sending activity detected. Please try after sometime',
    '550 Access from ip address 192.0.2.1 blocked. Visit http://mail.example/notspam/',
    '554 Transaction failed Reject due to policy restrictions. For explanation visit https://postmaster.gmx.net/',
    '550 5.2.1 Mailbox unavailable. Your IP address 192.0.2.1 is blacklisted using dnsbl.example',
  ],
  session: [
    '421 Connection closed by server. Maximum message count per session reached.',
    '421 Max message per connection reached, closing transmission channel',
    '421 4.7.0 Too many messages in this connection',
    '452 4.5.3 Too many recipients',
    '450 4.7.0 Too many mails sent in this session, closing',
    '452 4.5.3 Error: too many recipients for this session',
    '421 4.3.2 mx.example.com is shutting down',
    '421 4.3.2 Please reconnect',
  ],
  recipient: [
    '550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in local recipient table',
    '550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550 5.1.1 double-checking',
    '550 5.2.1 The email account that you tried to reach is disabled.',
    '554 delivery error: dd Sorry, your message to ada@yahoo.com cannot be delivered. This mailbox is disabled (554.30).',
    '552 5.2.2 The email account that you tried to reach is over quota.',
    '552 User quota exceeded',
    '550 5.1.1 Mailbox quota exceeded',
    '550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.',
    '550 5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail that you sent.',
    '550 5.7.1 user does not accept mail from outside',
    '550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed',
    '550 5.7.1 RESOLVER.RST.AuthRequired; authentication required',
    '550 5.7.513 Service unavailable, Client host [192.0.2.1] blocked by example.com using Customer Block list',
    '550 Blocked by the recipient',
    '550 5.7.1 hello@mingus.test is not allowed to send to the list',
    '550 You are not allowed to send mail to this mailing list',
    '550 5.7.1 You are not authorized to post',
    '452 El buzón del destinatario está lleno: cuota excedida',
    '452 Das Postfach ist voll',
  ],
  message: [
    '552 5.3.4 Message size exceeds fixed maximum message size',
    '552-5.7.0 This message was blocked because its content presents a potential security issue: attachments',
    '550-5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail.',
    '550 5.7.520 Message blocked because it contains content identified as spam. AS(4810)',
    '554 5.7.1 Spam message rejected',
    '550 spam message rejected. Please visit http://help.mail.ru/notspam-support/',
    '554 5.7.1 Message contains a URL that is blacklisted by SURBL',
    '550 5.6.7 SMTPUTF8 is required',
    '554 5.6.0 Message is malformed',
    '550 This message contains a virus',
  ],
};

describe('a refusal', () => {
  it.each(Object.entries(SAID).flatMap(([subject, replies]) => replies.map((reply) => [subject, reply])))(
    'about the %s: %s',
    (subject, reply) => {
      expect(subjectOf(reply)).toBe(subject);
    },
  );

  it.each([
    ['account', '550 Account suspended'],
    ['account', '550 5.7.1 Account disabled'],
    ['quota', '550 5.0.0 You have exceeded your message quota'],
    ['quota', '550 5.7.1 Insufficient credits'],
    ['relaying', '550 5.7.1 Invalid credentials for relay [192.0.2.1]. The IP address you have registered'],
    ['relaying', '550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization'],
    [null, '550 5.1.1 <dmarc@customer.example>: Recipient address rejected: customer.example'],
    ['recipient', '550 5.1.1 <spf@customer.example>: User unknown'],
    ['recipient', '550 5.1.1 <ada@barracuda.com>: Recipient address rejected: User unknown'],
  ])('about the %s, and not about what stands in an address: %s', (subject, reply) => {
    expect(subjectOf(reply)).toBe(subject);
  });

  it.each([
    '550 no',
    '550 Scripted',
    '554 5.7.1 Access denied',
    '550 5.7.1 Blocked by policy',
    '550 Administrative prohibition',
    '550 Requested action not taken: mailbox unavailable',
    '554 5.5.1 Error: no valid recipients',
    '550 5.4.1 Recipient address rejected: Access denied',
    '554 Transaction failed',
    '451 4.7.1 Greylisting in action, please come back later',
    '421 4.7.0 Try again later, closing connection.',
    '421 4.7.0 Too many connections',
    '421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel',
    '250 2.0.0 Ok: queued, daily sending limit exceeded',
  ])('that does not say what it is about: %s', (reply) => {
    expect(subjectOf(reply)).toBeNull();
  });

  it('is about us in six ways', () => {
    const ours = (Object.keys(SAID) as Subject[]).filter(isAboutUs);
    expect(ours).toEqual(['quota', 'account', 'sender', 'authentication', 'relaying', 'reputation']);
    expect(isAboutUs(null)).toBe(false);
  });
});

describe('the table of replies', () => {
  it('names a source for each row, and something to recognise', () => {
    for (const { codes, says, source } of REPLIES) {
      expect(source).toMatch(/\w{4}/);
      expect(codes ?? says).toBeDefined();
    }
  });

  it('decides quickly about a reply that is long and says nothing', () => {
    const reply = `550 ${'mail message recipient sending account your ip '.repeat(2000)}`;
    expect(subjectOf(reply)).not.toBe('session');
  });
});

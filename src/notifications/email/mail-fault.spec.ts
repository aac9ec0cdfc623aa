import { describe, expect, it } from 'vitest';
import { classifyMailFault } from './mail-fault.js';
import type { AttemptPhase } from '../notification-attempt.entity.js';

/** An error as nodemailer throws it. The text of a reply begins with its code. */
const fault = (code?: string, reply?: string, command?: string) =>
  Object.assign(new Error('x'), {
    code,
    command,
    ...(reply ? { responseCode: Number(reply.slice(0, 3)), response: reply } : {}),
  });

const outcomeOf = (error: unknown, phase: AttemptPhase = 'envelope') =>
  classifyMailFault(error, phase).outcome;

describe('a failed hand-over is', () => {
  it.each([
    ['a refused connection', fault('ESOCKET', undefined, 'CONN')],
    ['a lost connection', fault('ECONNECTION', undefined, 'CONN')],
    ['an unknown host', fault('EDNS', undefined, 'CONN')],
    ['a timeout', fault('ETIMEDOUT', undefined, 'CONN')],
    ['an overall timeout', fault('EABORT')],
    ['554 as greeting: the server accepts no client', fault('EPROTOCOL', '554 no', 'CONN')],
    ['421 of a server that shuts down', fault('EPROTOCOL', '421 4.3.2 mx is shutting down', 'CONN')],
    ['500 to our EHLO', fault('EPROTOCOL', '500 what', 'EHLO')],
    ['an error without any code', new Error('unknown')],
    ['no error object', 'broken'],
  ])('the server being unreachable after %s, before there is a session', (_, error) => {
    expect(outcomeOf(error, 'connect')).toBe('unreachable');
  });

  it.each([
    ['450 to the recipient', fault('EENVELOPE', '450 busy', 'RCPT TO')],
    ['greylisting', fault('EENVELOPE', '451 4.7.1 Greylisting in action', 'RCPT TO')],
    ['451 to the sender', fault('EENVELOPE', '451 busy', 'MAIL FROM')],
    ['a full mailbox', fault('EENVELOPE', '452 4.2.2 Mailbox full', 'RCPT TO')],
    ['a full mailbox without an enhanced code', fault('EENVELOPE', '452 Mailbox full', 'RCPT TO')],
    ['a full mailbox in Spanish', fault('EENVELOPE', '452 Buzón lleno', 'RCPT TO')],
    ['a server that shuts down', fault('EENVELOPE', '421 4.3.2 mx is shutting down', 'RCPT TO')],
    ['a server that asks for another session', fault('EENVELOPE', '421 4.3.2 please reconnect', 'MAIL FROM')],
  ])('deferred after %s', (_, error) => {
    expect(outcomeOf(error)).toBe('deferred');
  });

  it.each([
    ['a lost connection', fault('ECONNECTION', undefined, 'CONN')],
    ['an overall timeout', fault('EABORT')],
  ])('the server being unreachable after %s before all was written', (_, error) => {
    expect(outcomeOf(error, 'envelope')).toBe('unreachable');
    expect(outcomeOf(error, 'data')).toBe('unreachable');
  });

  it.each([
    ['421 to the sender', fault('EENVELOPE', '421 4.7.0 Try again later', 'MAIL FROM')],
    ['421 to the data', fault('EMESSAGE', '421 closing', 'DATA')],
    ['452 to the recipient', fault('EENVELOPE', '452 too many', 'RCPT TO')],
    ['a full queue', fault('EENVELOPE', '452 4.3.1 Insufficient system storage', 'MAIL FROM')],
    ['450 4.7.28', fault('EENVELOPE', '450 4.7.28 Unusual rate', 'DATA')],
    ['451 4.7.1 that speaks of a rate', fault('EENVELOPE', '451 4.7.1 Too many messages', 'RCPT TO')],
  ])('a call to slow down after %s', (_, error) => {
    expect(outcomeOf(error)).toBe('rate_limited');
  });

  it('a call to slow down after 421 as greeting', () => {
    expect(outcomeOf(fault('EPROTOCOL', '421 later', 'CONN'), 'connect')).toBe('rate_limited');
  });

  it.each([
    ['454 of a quota', fault('EMESSAGE', '454 Throttling failure: Daily message quota exceeded', 'DATA')],
    ['450 of a quota', fault('EENVELOPE', '450 4.2.1 Peak SMTP relay limit exceeded', 'RCPT TO')],
  ])('a call to slow down after %s', (_, error) => {
    expect(outcomeOf(error)).toBe('rate_limited');
  });

  it.each([
    ['a lost connection', fault('ECONNECTION', undefined, 'CONN')],
    ['a reset', fault('ESOCKET', undefined, 'CONN')],
    ['a timeout', fault('ETIMEDOUT', undefined, 'CONN')],
    ['the overall timeout', fault('EABORT')],
  ])('of unknown outcome after %s once all was written', (_, error) => {
    expect(outcomeOf(error, 'data_sent')).toBe('unknown');
  });

  it('known once there is a reply, also when all was written', () => {
    expect(outcomeOf(fault('EMESSAGE', '451 busy', 'DATA'), 'data_sent')).toBe('deferred');
    expect(outcomeOf(fault('EMESSAGE', '554 no', 'DATA'), 'data_sent')).toBe('refused');
  });

  it.each([
    ['550 to the recipient', fault('EENVELOPE', '550 no', 'RCPT TO')],
    ['552 to the data', fault('EMESSAGE', '552 no', 'DATA')],
    ['554 to the data', fault('EMESSAGE', '554 no', 'DATA')],
    ['an address that no server takes', fault('EENVELOPE', undefined, 'API')],
    ['5.6.7 to the sender: no SMTPUTF8', fault('EENVELOPE', '553 5.6.7 non-ASCII', 'MAIL FROM')],
  ])('refused for good after %s', (_, error) => {
    expect(outcomeOf(error)).toBe('refused');
  });

  it.each([
    ['535 to our password', fault('EAUTH', '535 no', 'AUTH PLAIN'), 'connect'],
    ['530: a password is needed', fault('EENVELOPE', '530 auth', 'MAIL FROM'), 'envelope'],
    ['534 to the mechanism', fault('EAUTH', '534 no', 'AUTH'), 'connect'],
    ['538: encryption is needed', fault('EAUTH', '538 no', 'AUTH'), 'connect'],
    ['454 to our password: nodemailer says EAUTH', fault('EAUTH', '454 no', 'AUTH'), 'connect'],
    ['no mechanism in common', fault('ENOAUTH'), 'connect'],
    ['a certificate that does not hold', fault('ETLS', undefined, 'STARTTLS'), 'connect'],
    ['550 to our sender', fault('EENVELOPE', '550 no', 'MAIL FROM'), 'envelope'],
    [
      'a refusal of our sender, as a reply to the recipient',
      fault('EENVELOPE', '550 5.1.0 <hello@mingus.test>: Sender address rejected', 'RCPT TO'),
      'envelope',
    ],
    ['a quota that is used up', fault('EMESSAGE', '550 5.4.5 Daily limit exceeded', 'DATA'), 'data_sent'],
    ['relaying that is denied', fault('EENVELOPE', '554 Relay access denied', 'RCPT TO'), 'envelope'],
  ] as const)('a fault of the channel, not of the message, after %s', (_, error, phase) => {
    expect(outcomeOf(error, phase)).toBe('channel_fault');
  });
});

describe('what a refusal says about the address', () => {
  it.each([
    ['550 5.1.1 User unknown', 'RCPT TO', 'gone'],
    ['550 No such user here', 'RCPT TO', 'gone'],
    ['550 5.1.1 User unknown', 'DATA', 'gone'],
    ['550 No such user here', 'DATA', 'unclear'],
    ['550 No thanks', 'RCPT TO', 'unclear'],
    ['553 5.6.7 <ada@example.com>: non-ASCII', 'MAIL FROM', 'not_meant'],
  ])('"%s" to %s: %s', (reply, command, address) => {
    const attempt = classifyMailFault(fault('EENVELOPE', reply, command), 'envelope');
    expect(attempt.verdict).toMatchObject({ address });
  });

  it('is nothing where the server takes the message, or says nothing', () => {
    expect(
      classifyMailFault(fault('EENVELOPE', '450 4.1.1 Unverified', 'RCPT TO'), 'envelope'),
    ).not.toHaveProperty('verdict');
    expect(classifyMailFault(fault('EENVELOPE', undefined, 'API'), 'envelope')).not.toHaveProperty('verdict');
  });
});

describe('what is recorded of a failure', () => {
  it('is its codes and the phase, never a text', () => {
    const error = fault('EENVELOPE', '550 5.1.1 <ada@example.com> user unknown', 'RCPT TO');
    expect(classifyMailFault(error, 'envelope')).toEqual({
      outcome: 'refused',
      smtpCode: 550,
      enhancedCode: '5.1.1',
      errorCode: 'EENVELOPE',
      phase: 'envelope',
      verdict: { address: 'gone', evidence: 'user unknown' },
    });
  });

  it('is nothing that has another type than expected', () => {
    const error = Object.assign(new Error('x'), { code: 7, responseCode: '550', response: { a: 1 } });
    expect(classifyMailFault(error, 'data')).toEqual({
      outcome: 'unreachable',
      smtpCode: null,
      enhancedCode: null,
      errorCode: null,
      phase: 'data',
    });
  });
});

describe('the reason of a fault of the channel', () => {
  const tls = (originalCode: string) => Object.assign(fault('ESOCKET'), { originalCode });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['SELF_SIGNED_CERT_IN_CHAIN'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['CERT_HAS_EXPIRED'],
    ['ERR_TLS_CERT_ALTNAME_INVALID'],
    ['ERR_SSL_WRONG_VERSION_NUMBER'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['EPROTO'],
  ])('is TLS, not a socket, for %s', (code) => {
    expect(classifyMailFault(tls(code), 'connect')).toMatchObject({
      outcome: 'channel_fault',
      errorCode: 'ETLS',
      reason: 'tls',
    });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH'])('is a socket for %s', (code) => {
    expect(classifyMailFault(tls(code), 'connect')).toMatchObject({
      outcome: 'unreachable',
      errorCode: 'ESOCKET',
    });
  });

  it.each([
    ['530 5.7.0 Must issue a STARTTLS command first', 'MAIL FROM', 'tls'],
    ['454 4.7.0 Too many login attempts', 'AUTH PLAIN', 'login'],
    ['535 5.7.8 no', 'AUTH PLAIN', undefined],
  ])('of "%s" to %s is %s', (reply, command, reason) => {
    const error = fault(command.startsWith('AUTH') ? 'EAUTH' : 'EENVELOPE', reply, command);
    expect(classifyMailFault(error, 'envelope').reason).toBe(reason);
  });
});

import { describe, expect, it } from 'vitest';
import { classifyMailFault } from './mail-fault.js';

/** An error as nodemailer throws it. */
const fault = (code?: string, responseCode?: number, command?: string) =>
  Object.assign(new Error('x'), { code, responseCode, command });

describe('a failed hand-over is', () => {
  it.each([
    ['a refused connection', fault('ESOCKET', undefined, 'CONN')],
    ['a lost connection', fault('ECONNECTION', undefined, 'CONN')],
    ['an unknown host', fault('EDNS', undefined, 'CONN')],
    ['a timeout', fault('ETIMEDOUT', undefined, 'CONN')],
    ['a greeting that never comes', fault('ETIMEDOUT')],
    ['421 as greeting', fault('EPROTOCOL', 421, 'CONN')],
    ['450 to the recipient', fault('EENVELOPE', 450, 'RCPT TO')],
    ['451 to the sender', fault('EENVELOPE', 451, 'MAIL FROM')],
    ['452 to the data', fault('EMESSAGE', 452, 'DATA')],
    ['554 as greeting: the server takes nobody', fault('EPROTOCOL', 554, 'CONN')],
    ['500 to our EHLO', fault('EPROTOCOL', 500, 'EHLO')],
    ['an error without any code', new Error('unknown')],
    ['no error object', 'broken'],
  ])('deferred after %s', (_, error) => {
    expect(classifyMailFault(error).outcome).toBe('deferred');
  });

  it.each([
    ['550 to the recipient', fault('EENVELOPE', 550, 'RCPT TO')],
    ['553 to the recipient', fault('EENVELOPE', 553, 'RCPT TO')],
    ['552 to the data', fault('EMESSAGE', 552, 'DATA')],
    ['554 to the data', fault('EMESSAGE', 554, 'DATA')],
  ])('refused for good after %s', (_, error) => {
    expect(classifyMailFault(error).outcome).toBe('refused');
  });

  it.each([
    ['535 to our password', fault('EAUTH', 535, 'AUTH PLAIN')],
    ['530: a password is needed', fault('EENVELOPE', 530, 'MAIL FROM')],
    ['534 to the mechanism', fault('EAUTH', 534, 'AUTH')],
    ['538: encryption is needed', fault('EAUTH', 538, 'AUTH')],
    ['454 to our password: nodemailer says EAUTH', fault('EAUTH', 454, 'AUTH')],
    ['no mechanism in common', fault('ENOAUTH')],
    ['a certificate that does not hold', fault('ETLS', undefined, 'STARTTLS')],
    ['550 to our sender', fault('EENVELOPE', 550, 'MAIL FROM')],
  ])('a fault of the channel, not of the message, after %s', (_, error) => {
    expect(classifyMailFault(error).outcome).toBe('channel_fault');
  });

  it('recorded with the reply code and the error code, never with a text', () => {
    expect(classifyMailFault(fault('EENVELOPE', 550, 'RCPT TO'))).toEqual({
      outcome: 'refused',
      smtpCode: 550,
      errorCode: 'EENVELOPE',
    });
    expect(classifyMailFault(Object.assign(new Error('x'), { code: 7, responseCode: '550' }))).toEqual({
      outcome: 'deferred',
      smtpCode: null,
      errorCode: null,
    });
  });
});

import { describe, expect, it } from 'vitest';
import { PEM } from '../../../test/support/process/environment-values.js';
import { MailSettings } from './mail.settings.js';

const mailOf = (env: Record<string, string>) => new MailSettings({ SMTP_SERVER: 'smtp.example.com', ...env });

describe('the settings of mail', () => {
  it.each([
    ['no password is sent', {}, 'opportunistic'],
    ['a password crosses the network', { SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' }, 'required'],
    [
      'a password stays on the machine',
      { SMTP_SERVER: '127.0.0.1', SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' },
      'opportunistic',
    ],
    ['the port is 465', { SMTP_PORT: '465' }, 'implicit'],
    [
      'SMTP_TLS is set',
      { SMTP_TLS: 'opportunistic', SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' },
      'opportunistic',
    ],
  ])('choose how connections are secured when %s', (_, env, tls) => {
    expect(mailOf(env).tls).toBe(tls);
  });

  it.each([
    [{}, false],
    [{ SMTP_TLS: 'opportunistic', SMTP_SERVER: 'smtp.example.com' }, false],
    [{ SMTP_SERVER: 'smtp.example.com' }, false],
    [{ SMTP_SERVER: 'smtp.example.com', SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' }, true],
    [{ SMTP_SERVER: 'smtp.example.com', SMTP_PORT: '465' }, true],
    [{ SMTP_SERVER: '10.0.0.5', SMTP_USERNAME: 'u', SMTP_PASSWORD: 'p' }, false],
    [{ SMTP_SERVER: 'postfix', SMTP_PORT: '465' }, false],
    [{ SMTP_SERVER: '10.0.0.5', SMTP_TLS: 'required' }, true],
    [{ SMTP_SERVER: 'localhost', SMTP_TLS: 'implicit' }, true],
  ])('require a valid certificate of the mail server with %j: %s', (env, isRequired) => {
    expect(mailOf(env).verifiesCertificate).toBe(isRequired);
  });

  it('give a DKIM key that is written in one line its line ends back', () => {
    const env = {
      DKIM_DOMAIN: 'mingus.app',
      DKIM_SELECTOR: 's1',
      DKIM_PRIVATE_KEY: PEM.replaceAll('\n', '\\n'),
    };
    expect(mailOf(env).dkim).toEqual({ domainName: 'mingus.app', keySelector: 's1', privateKey: PEM });
    expect(mailOf({}).dkim).toBeUndefined();
  });
});

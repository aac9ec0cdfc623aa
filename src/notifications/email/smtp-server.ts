import type { MailSettings } from './mail.settings.js';

/**
 * The address and login of the mail server as nodemailer's options. Opportunistic TLS accepts any
 * certificate: TLS with an invalid certificate is better than no TLS (RFC 7435).
 */
export function smtpServerOf(settings: MailSettings) {
  const { host, port, tls, verifiesCertificate, username, password } = settings;
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    // Otherwise nodemailer would continue without a login.
    opportunisticTLS: tls === 'opportunistic' && !username,
    tls: { rejectUnauthorized: verifiesCertificate },
    ...(username ? { auth: { user: username, pass: password } } : {}),
  };
}

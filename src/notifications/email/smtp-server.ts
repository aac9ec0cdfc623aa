import type { AppConfig } from '../../platform/config/app-config.js';

/** Where the mail server is and how it lets us in, in nodemailer's words. */
export function smtpServerOf({ host, port, tls, username, password }: AppConfig['mail']) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'required',
    ...(username ? { auth: { user: username, pass: password } } : {}),
  };
}

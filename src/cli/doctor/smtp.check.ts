import { createTransport } from 'nodemailer';
import { smtpServerOf } from '../../notifications/email/smtp-server.js';
import { type Check, ok, problem, type Found } from './check.js';

const TIMEOUTS = { connectionTimeout: 4000, greetingTimeout: 4000, socketTimeout: 4000, dnsTimeout: 4000 };

/** What the error codes of nodemailer mean for whoever runs the service. */
const MENDS: Readonly<Record<string, [detail: string, mend: string]>> = {
  EAUTH: ['The server refuses the login', 'Correct SMTP_USERNAME and SMTP_PASSWORD'],
  ENOAUTH: ['The server wants a login', 'Set SMTP_USERNAME and SMTP_PASSWORD'],
  EDNS: ['The name is not found', 'Correct SMTP_SERVER'],
  ETLS: ['No TLS comes about', 'Correct SMTP_TLS and SMTP_PORT, or the certificate of the server'],
  ETIMEDOUT: ['No answer within 4 s', 'Is SMTP_PORT open from here? Many networks close port 25'],
  ECONNREFUSED: ['Nobody listens there', 'Correct SMTP_SERVER and SMTP_PORT'],
};

/** A session with the mail server as every mail begins, with login; nothing is sent. */
export const smtp: Check = {
  name: 'smtp',
  needs: ['SMTP_SERVER'],
  async look({ config: { mail } }) {
    const transport = createTransport({ ...smtpServerOf(mail), ...TIMEOUTS });
    try {
      await transport.verify();
      return [ok(mail.username ? 'The server lets us in, with login' : 'The server lets us in')];
    } catch (error) {
      return [explain(error as SmtpError)];
    } finally {
      transport.close();
    }
  },
};

type SmtpError = Error & { code?: string; responseCode?: number };

/** The server's own words are left out: they may name the account. */
function explain({ code = 'ESOCKET', message, responseCode }: SmtpError): Found {
  const refused = /ECONNREFUSED/.test(message) ? 'ECONNREFUSED' : code;
  const isTls = /certificate|ssl|tls/i.test(message) && code === 'ESOCKET' ? 'ETLS' : refused;
  const [detail, mend] = MENDS[isTls] ?? ['No session comes about', 'Correct SMTP_SERVER and SMTP_PORT'];
  return problem(`${detail} (${[isTls, responseCode].filter(Boolean).join(', ')})`, mend);
}

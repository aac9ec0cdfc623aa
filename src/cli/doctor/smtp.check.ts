import { MailSettings } from '../../notifications/email/mail.settings.js';
import { createTransport } from 'nodemailer';
import { SmtpOffers } from '../../notifications/email/smtp-offers.js';
import { smtpServerOf } from '../../notifications/email/smtp-server.js';
import { isTlsFault } from '../../notifications/email/tls-fault.js';
import { type Check, ok, problem, warning, type Found } from './check.js';

const TIMEOUTS = { connectionTimeout: 4000, greetingTimeout: 4000, socketTimeout: 4000, dnsTimeout: 4000 };

/** The meaning and the remedy of the error codes of nodemailer. */
const MENDS: Readonly<Record<string, [detail: string, mend: string]>> = {
  EAUTH: ['The server refuses the login', 'Correct SMTP_USERNAME and SMTP_PASSWORD'],
  ENOAUTH: ['The server requires a login', 'Set SMTP_USERNAME and SMTP_PASSWORD'],
  EDNS: ['The host name was not found', 'Correct SMTP_SERVER'],
  ETLS: ['TLS could not be established', 'Correct SMTP_TLS and SMTP_PORT, or the certificate of the server'],
  ETIMEDOUT: ['No answer within 4 s', 'Is SMTP_PORT open from here? Many networks close port 25'],
  ECONNREFUSED: ['Nothing listens on this host and port', 'Correct SMTP_SERVER and SMTP_PORT'],
};

/** Opens a session with the mail server as for a mail, with login, and sends nothing. */
export const smtp: Check = {
  name: 'smtp',
  needs: ['SMTP_SERVER'],
  async look({ environment }) {
    const mail = new MailSettings(environment);
    const transport = createTransport({
      ...smtpServerOf(mail),
      ...TIMEOUTS,
      logger: new SmtpOffers(),
      transactionLog: true,
    });
    try {
      await transport.verify();
      return [
        ok(
          mail.username
            ? 'The server accepts the login'
            : 'The server accepts the connection, without a login',
        ),
      ];
    } catch (error) {
      if (isTlsFault(error) && mail.tls === 'opportunistic' && !mail.username)
        return [withoutTls(error as SmtpError)];
      return [explain(error as SmtpError)];
    } finally {
      transport.close();
    }
  },
};

type SmtpError = Error & { code?: string; originalCode?: string; responseCode?: number };

/** Tries the session without TLS, as the service then does. */
function withoutTls({ originalCode = 'ETLS' }: SmtpError): Found {
  return warning(
    `TLS could not be established (${originalCode}): mails leave without it`,
    'Let the server offer TLS 1.2 or newer',
  );
}

/** The reply of the server is left out, because it may name the account. */
function explain(error: SmtpError): Found {
  const { code = 'ESOCKET', originalCode, message, responseCode } = error;
  const refused = /ECONNREFUSED/.test(message) ? 'ECONNREFUSED' : code;
  const name = isTlsFault(error) ? 'ETLS' : refused;
  const [detail, mend] = MENDS[name] ?? ['No session could be opened', 'Correct SMTP_SERVER and SMTP_PORT'];
  const why = name === 'ETLS' ? originalCode : undefined;
  return problem(`${detail} (${[name, why, responseCode].filter(Boolean).join(', ')})`, mend);
}

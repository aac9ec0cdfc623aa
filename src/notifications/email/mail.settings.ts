import { createPrivateKey } from 'node:crypto';
import { isEmail } from 'class-validator';
import {
  hostName,
  matching,
  oneOf,
  readAs,
  secretKey,
  text,
  wholeNumber,
} from '../../platform/settings/rule.js';
import { type Environment, settings } from '../../platform/settings/settings.js';
import { isTaggable, TAGGABLE_MAX } from '../../platform/tagged-address.js';
import { isLocalHost, isPrivateHost } from '../../platform/private-host.js';

/** How SMTP connections are secured; see `SMTP_TLS`. */
export type SmtpTls = 'opportunistic' | 'required' | 'implicit';

const trimmed = matching(/^\S(.*\S)?$/, 'must not start or end with white space');

/** A PEM in one line has `\\n` in place of its line ends. */
const unfold = (pem: string) => pem.replaceAll('\\n', '\n');

const rsaKey = readAs(
  text('must be an RSA private key in PEM', (given) => {
    try {
      return createPrivateKey(unfold(given)).asymmetricKeyType === 'rsa';
    } catch {
      return false;
    }
  }),
  unfold,
);

const emailAddress = text('must be an email', (given) => isEmail(given, { require_tld: false }));

/** An address to which the id of a mail can be added before the `@`. */
const taggable = text(
  `must have at most ${TAGGABLE_MAX} characters before the @, none of them a quote: each mail adds its id, and mail servers take 64`,
  isTaggable,
);

/** How mails are sent, and where bounces go. */
export class MailSettings extends settings(
  'Mail',
  {
    host: {
      name: 'SMTP_SERVER',
      rule: hostName,
      required: 'in production',
      otherwise: 'a local mailbox',
      placeholder: 'localhost',
      meaning: 'The host of the mail server.',
    },
    port: {
      name: 'SMTP_PORT',
      rule: wholeNumber(1, 65_535),
      default: '587',
      meaning: 'The port of the mail server.',
    },
    username: {
      name: 'SMTP_USERNAME',
      rule: trimmed,
      meaning: 'The user name for the mail server. Required when `SMTP_PASSWORD` is set.',
    },
    password: {
      name: 'SMTP_PASSWORD',
      rule: trimmed,
      isSecret: true,
      meaning: 'The password for the mail server. Required when `SMTP_USERNAME` is set.',
    },
    tlsMode: {
      name: 'SMTP_TLS',
      rule: oneOf('auto', 'opportunistic', 'required', 'implicit'),
      default: 'auto',
      meaning:
        '`opportunistic` uses TLS when the server offers it and accepts any certificate; `required` (STARTTLS) and `implicit` need a valid one. `auto` is implicit on port 465, required when a password crosses a network, and else opportunistic; in private networks it accepts any certificate.',
    },
    maxConnections: {
      name: 'SMTP_MAX_CONNECTIONS',
      rule: wholeNumber(1, 50),
      default: '2',
      meaning:
        'How many SMTP connections each process opens. When a process is killed, twice as many messages can arrive twice.',
    },
    timeoutMs: {
      name: 'DELIVERY_TIMEOUT_SECONDS',
      rule: readAs(wholeNumber(1, 80), (seconds) => seconds * 1000),
      default: '60',
      meaning: 'How many seconds the delivery of one message may take.',
    },
    dkimDomain: {
      name: 'DKIM_DOMAIN',
      rule: hostName,
      meaning:
        'The domain that signs mails with DKIM. `DKIM_DOMAIN`, `DKIM_SELECTOR` and `DKIM_PRIVATE_KEY` are set together or not at all.',
    },
    dkimSelector: {
      name: 'DKIM_SELECTOR',
      rule: hostName,
      meaning: 'The selector of the DKIM key, as it is published in DNS.',
    },
    dkimPrivateKey: {
      name: 'DKIM_PRIVATE_KEY',
      file: 'DKIM_PRIVATE_KEY_FILE',
      rule: rsaKey,
      isSecret: true,
      meaning: 'The RSA key for DKIM in PEM; in one line, `\\n` stands for the line ends.',
    },
    bounceAddress: {
      name: 'BOUNCE_ADDRESS',
      rule: [emailAddress, taggable],
      otherwise: 'bounces go to `MAIL_FROM`',
      meaning:
        'The envelope sender of mails, which bounces go to. The id of each mail is added: `bounces@…` becomes `bounces+<id>@…`.',
    },
    webhookSecret: {
      name: 'MAIL_WEBHOOK_SECRET',
      rule: secretKey,
      isSecret: true,
      otherwise: 'no report is accepted',
      meaning: 'The key that signs the reports posted to `/webhooks/mail`.',
    },
  },
  { problemsOf },
) {
  /** `auto`: implicit on port 465; required if a password would cross the network; otherwise opportunistic. */
  get tls(): SmtpTls {
    if (this.tlsMode !== 'auto') return this.tlsMode;
    if (this.port === 465) return 'implicit';
    return this.password && !isLocalHost(this.host) ? 'required' : 'opportunistic';
  }

  /**
   * Whether the server must have a valid certificate. Opportunistic TLS accepts any certificate (RFC 7435).
   * `auto` also accepts any certificate of a server in a private network.
   */
  get verifiesCertificate(): boolean {
    if (this.tls === 'opportunistic') return false;
    return this.tlsMode !== 'auto' || !isPrivateHost(this.host);
  }

  get dkim() {
    const { dkimDomain: domainName, dkimSelector: keySelector, dkimPrivateKey: privateKey } = this;
    return domainName && keySelector && privateKey ? { domainName, keySelector, privateKey } : undefined;
  }
}

function problemsOf(given: Environment): string[] {
  const problems = [];
  if (!given.SMTP_USERNAME !== !given.SMTP_PASSWORD) {
    problems.push('SMTP_USERNAME and SMTP_PASSWORD must be set together');
  }
  const dkim = [given.DKIM_DOMAIN, given.DKIM_SELECTOR, given.DKIM_PRIVATE_KEY];
  if (dkim.some(Boolean) && !dkim.every(Boolean)) {
    problems.push('DKIM_DOMAIN, DKIM_SELECTOR and DKIM_PRIVATE_KEY (or its _FILE) must be set together');
  }
  return problems;
}

import { anyText, wholeNumber } from '../settings/rule.js';
import { settings } from '../settings/settings.js';

/** The settings that only development uses. */
export class DevelopmentSettings extends settings('Development only', {
  dataDir: {
    name: 'DATA_DIR',
    rule: anyText,
    default: '.data',
    meaning: 'The folder of the embedded database, the generated secrets and the mails of the local mailbox.',
  },
  mailboxSmtpPort: {
    name: 'MAILBOX_SMTP_PORT',
    rule: wholeNumber(1, 65_535),
    default: '1025',
    meaning: 'The SMTP port of the local mailbox, which stands in when `SMTP_SERVER` is not set.',
  },
  mailboxWebPort: {
    name: 'MAILBOX_WEB_PORT',
    rule: wholeNumber(1, 65_535),
    default: '1080',
    meaning: 'The port under which a browser shows the local mailbox.',
  },
}) {}

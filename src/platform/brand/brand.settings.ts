import { mailAddress, mailbox, matching, readAs, text, webUrl } from '../settings/rule.js';
import { settings } from '../settings/settings.js';
import { withoutFormatting } from '../visible-text.js';

/** One line of visible text. */
const line = (maxLength: number) =>
  text(
    `must be one line of at most ${maxLength} characters, without white space around it`,
    (given) =>
      /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(given) &&
      given === withoutFormatting(given).trim() &&
      given.length <= maxLength,
  );

const color = matching(/^#[0-9a-f]{6}$/i, 'must be a colour such as #0b6e4f');

/** The look of messages and pages, and the sender that they name. */
export class BrandSettings extends settings('Brand', {
  sender: {
    name: 'MAIL_FROM',
    rule: mailbox,
    required: 'in production',
    otherwise: '`MINGUS <hello@mingus.localhost>`',
    placeholder: 'none@mingus.localhost',
    meaning: 'The sender of all mails. Its domain is also that of their Message-IDs.',
  },
  name: {
    name: 'BRAND_NAME',
    rule: line(60),
    default: 'MINGUS',
    meaning: 'The name in messages and pages.',
  },
  logoUrl: {
    name: 'BRAND_LOGO_URL',
    rule: webUrl,
    otherwise: 'the name',
    meaning: 'A logo for messages and pages, at least 32 pixels high. Its text alternative is the name.',
  },
  /** `#rrggbb`; `paletteOf` derives readable colours from it. */
  color: {
    name: 'BRAND_COLOR',
    rule: readAs(color, (given) => given.toLowerCase()),
    default: '#0b6e4f',
    meaning:
      'The colour of buttons and links. The service darkens or lightens it where it would be hard to read.',
  },
  helpAddress: {
    name: 'SUPPORT_EMAIL',
    rule: mailAddress,
    otherwise: 'the address of `MAIL_FROM`',
    meaning: 'The address that messages and pages give to people who need help.',
  },
  postalAddress: {
    name: 'POSTAL_ADDRESS',
    rule: line(200),
    meaning: 'One line at the end of messages. The law of many countries requires it.',
  },
}) {
  /** The address for people who need help. */
  get supportEmail(): string {
    return this.helpAddress ?? /<([^>]+)>$/.exec(this.sender)?.[1] ?? this.sender;
  }
}

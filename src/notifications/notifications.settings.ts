import { keepRows } from '../platform/jobs/job.settings.js';
import { listOf, matching, readAs, type Rule, wholeNumber } from '../platform/settings/rule.js';
import { settings } from '../platform/settings/settings.js';
import { CHANNELS, NOTIFICATION_KINDS } from './notification-kind.js';

keepRows({
  in_app_messages: 730,
  notification_attempts: 400,
  address_failures: 180,
  unread_mail_reports: 90,
});

/** Times of day in minutes after midnight. If `from` is later than `to`, the hours span midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** Two times of day, `21:00-08:00`, or `off`. */
const quietHours: Rule<QuietHours | 'off'> = {
  must: 'must be two different times of day such as 21:00-08:00, or off',
  read(given) {
    if (given === 'off') return given;
    const [, from, to] = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)$/.exec(given) ?? [];
    return from && to && from !== to ? { from: minutesOf(from), to: minutesOf(to) } : undefined;
  },
};

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** `onboarding_guide=trialists,…`: a segment for each kind. */
const audiences: Rule<ReadonlyMap<string, string>> = {
  must: `must be kind=segment, separated by commas; the kinds are ${NOTIFICATION_KINDS.join(', ')}`,
  read(given) {
    const pairs = given.split(',').map((pair) => pair.trim().split('='));
    const areValid = pairs.every(
      ([kind, segment, ...rest]) =>
        rest.length === 0 && NOTIFICATION_KINDS.includes(kind as never) && SEGMENT.test(segment ?? ''),
    );
    return areValid ? new Map(pairs as [string, string][]) : undefined;
  },
};

const SEGMENT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

const domains = matching(
  /^[\w-]+(\.[\w-]+)+(,[\w-]+(\.[\w-]+)+)*$/,
  'must be comma-separated domains such as example.com,example.org',
);

export class NotificationsSettings extends settings('Notifications', {
  channels: {
    name: 'NOTIFICATION_CHANNELS',
    rule: listOf(CHANNELS),
    default: 'email',
    meaning:
      'The channels by which customers get messages: `email`, `in_app` or both. Add `in_app` once MINGUS shows these messages: `notifications_sent` then counts each kind twice.',
  },
  /** Undefined if none are set. */
  heldKinds: {
    name: 'HOLD_UNKNOWN_KINDS',
    rule: listOf(NOTIFICATION_KINDS),
    otherwise: 'all kinds are sent again',
    meaning:
      'Kinds of message that wait for an operator when the outcome of an attempt is unknown. Messages of all other kinds are sent again.',
  },
  audiences: {
    name: 'MESSAGE_AUDIENCES',
    rule: audiences,
    otherwise: 'all customers get all kinds',
    meaning:
      'Kinds of message that only the members of a segment get, as `kind=segment`, separated by commas, for example `onboarding_guide=trialists`. Membership is checked when a message is sent. While there is no such segment, the messages wait.',
  },
  quietHoursOrOff: {
    name: 'QUIET_HOURS',
    rule: quietHours,
    default: '21:00-08:00',
    meaning:
      "When mails of the kinds that customers can turn off wait, in the customer's time zone; `off` for never.",
  },
  guideMaxAgeDays: {
    name: 'ONBOARDING_MAX_USER_AGE_DAYS',
    rule: wholeNumber(0, 3650),
    default: '30',
    meaning: 'The highest age in days of a user account that gets the onboarding guide.',
  },
}) {
  /** When optional messages wait; undefined if never. */
  get quietHours(): QuietHours | undefined {
    return this.quietHoursOrOff === 'off' ? undefined : this.quietHoursOrOff;
  }
}

/** Limits how many mails a recipient gets. Mails that were sent count. */
export class MailCapSettings extends settings('Mail limits', {
  perRecipientAndDay: {
    name: 'MAIL_MAX_PER_RECIPIENT_DAY',
    rule: wholeNumber(0, 1_000_000),
    default: '20',
    meaning: 'How many mails one mailbox gets within 24 hours. Further ones wait. 0 is no limit.',
  },
  perDomainAndHour: {
    name: 'MAIL_MAX_PER_DOMAIN_HOUR',
    rule: wholeNumber(0, 1_000_000),
    default: '500',
    meaning:
      'How many mails one domain gets within an hour. The domains of public mailbox providers have no such limit. 0 is no limit.',
  },
  perDomainAndDay: {
    name: 'MAIL_MAX_PER_DOMAIN_DAY',
    rule: wholeNumber(0, 1_000_000),
    default: '2000',
    meaning: 'How many mails one domain gets within 24 hours, with the same exception. 0 is no limit.',
  },
  exemptDomains: {
    name: 'MAIL_CAP_EXEMPT_DOMAINS',
    rule: readAs(domains, (given) => given.toLowerCase().split(',')),
    meaning: 'Further domains without such a limit, with commas between them.',
  },
}) {}

import type { ReceivedMail } from './received-mail.js';

/** The senders that mail systems use. */
const MAIL_SYSTEMS =
  /^(mailer[-_.]?daemon|post[-_.]?master|mail[-_.]?daemon|mail\.delivery\.system|mdaemon|mailsystem|daemon|bounces?)(@|$)/;

/** Subjects of reports about failed or late deliveries, in the languages of Exchange and others. */
const REPORT_SUBJECT = new RegExp(
  [
    'undeliver',
    'returned (e-?)?mail',
    'returning message',
    'failure notice',
    'failure delivery',
    'failed delivery',
    'failed mail',
    '(e-?mail|message) (delivery|system|status) ?(failed|failure|status|system|problem|error|notification|delayed)?',
    'delivery (status|fail|notification|problem|error|report|delay|has failed)',
    'non-?deliver',
    'not delivered',
    "couldn't be delivered",
    'could not be (delivered|sent)',
    'unable to deliver',
    '^\\[bounce\\]',
    'cannot be delivered',
    'error (sending|delivering)',
    'mail (error|failure|failed)',
    'warning: (message|could not send)',
    'unzustellbar',
    'nicht zugestellt',
    'non remis',
    '(é|e)chec de (la )?(remise|livraison)',
    'no se puede entregar',
    'no entregad',
    'non recapitabile',
    'mancato recapito',
    'onbestelbaar',
    'n(ã|a)o (é poss(í|i)vel entregar|entreg)',
    'olevererbart',
    'недоставлен',
    'не (удается|удалось) доставить',
    'не доставлено',
    '配信(不能|できません)',
    '退信',
    '无法(投递|送达)',
  ].join('|'),
  'i',
);

const DELAY =
  /\b(delayed|not yet been delivered|will be (re)?tried|will (continue|keep) (to try|trying)|warning message only|still being retried|do not need to resend)\b|\(delay\)/i;
const FAILURE =
  /\b(fail|undeliver|(could|can|was|did|were|has) ?not (be |been )?(deliver|reach|sent|send)|(couldn|wasn|didn|hasn|can)['’]t be (deliver|sent)|unable to deliver|returned|rejected|refused|permanent|fatal|error|non-?deliver|bounce|gave up|giv(en|ing) up)/i;

/**
 * Whether a mail is a report of a mail system on a delivery. The sender, subject and headers decide, not the
 * text.
 */
export function isReportForm(mail: ReceivedMail): boolean {
  const { from, subject, hasNullSender, failedRecipients, reportType } = mail;
  if (failedRecipients.length > 0 || reportType === 'delivery-status') return true;
  if (isReplyOfPerson(mail)) return false;
  const isFromSystem = from === '' || MAIL_SYSTEMS.test(from);
  const isReportSubject = REPORT_SUBJECT.test(subject);
  return (isFromSystem && isReportSubject) || (hasNullSender && (isReportSubject || MAIL_SYSTEMS.test(from)));
}

/**
 * Whether a mail is an automatic reply in the name of a person, such as a notice of absence. It often has the
 * null sender, too.
 */
export function isReplyOfPerson({ isAutomaticReply, from }: ReceivedMail): boolean {
  return isAutomaticReply && from !== '' && !MAIL_SYSTEMS.test(from);
}

/**
 * Whether a mail is a complaint of Outlook.com's Junk Mail Reporting Program: the message alone, under this
 * subject.
 */
export function isComplaintForm({ from, subject }: ReceivedMail): boolean {
  return /@(hotmail|outlook|microsoft)\.com$/.test(from) && /^ *complaint about message from /i.test(subject);
}

/**
 * Whether the mail system keeps trying.
 * @param text the report's own text
 */
export function isDelayForm({ subject }: ReceivedMail, text: string): boolean {
  return DELAY.test(subject) || DELAY.test(text);
}

/**
 * Whether the mail system has given up.
 * @param text the report's own text
 */
export function isFailureForm({ subject }: ReceivedMail, text: string): boolean {
  return FAILURE.test(subject) || FAILURE.test(text);
}

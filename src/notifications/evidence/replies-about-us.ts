import { MAILBOX_FULL } from './mailbox-full.js';

/** What a mail server refuses about us, for every message we send. */
export type AboutUs = 'sender' | 'account' | 'quota' | 'reputation' | 'authentication' | 'relaying';

/** The subject of a refusal: us, the session, this recipient, or this message. */
export type Subject = AboutUs | 'session' | 'recipient' | 'message';

/** A reply to a command, without its name. */
export interface SmtpReply {
  smtpCode: number;
  /** RFC 3463, with its class. */
  enhancedCode: string | null;
  /** The whole reply with all of its lines. */
  text: string;
}

interface Row {
  about: Subject;
  /** Enhanced codes without their class: the class says whether the refusal is permanent, the rest says why. */
  codes?: readonly string[];
  says?: RegExp;
  /** Phrases that exclude the row. */
  unless?: RegExp;
  source: string;
}

/** A server ends this session for a reason of its own, such as a restart. */
export const ENDS_FOR_ITSELF =
  /\b(please )?reconnect\b|\b(is )?shutting down\b|\bgoing down\b|\brestarting\b|\bserver shutdown\b/i;

const GMAIL = 'Gmail SMTP errors and codes, support.google.com/a/answer/3726730';
const MICROSOFT = 'Email non-delivery reports in Exchange Online, learn.microsoft.com';
const REGISTRY = 'IANA SMTP enhanced status codes (RFC 5248)';

/**
 * Codes and phrases by which mail servers say what they refuse. The first matching row decides, so exact
 * phrases come before general ones. Each row has `codes`, `says` or both.
 */
export const REPLIES: readonly Row[] = [
  { about: 'recipient', codes: ['2.2', '2.121', '2.122'], source: `RFC 3463 (mailbox full); ${MICROSOFT}` },
  {
    about: 'message',
    codes: ['2.3', '3.4', '6.0', '6.1', '6.3', '6.6', '6.7'],
    source: 'RFC 3463, RFC 6531',
  },
  { about: 'quota', codes: ['1.90', '7.232', '7.233', '7.236'], source: MICROSOFT },
  {
    about: 'quota',
    says: /\bexceeded your (message|sending|daily|hourly|monthly) (quota|limit)\b|\b(plan's|monthly) (sending )?limit\b.{0,20}\breached\b|\binsufficient credits?\b/i,
    unless: /\b(mailbox|storage|recipient)\b/i,
    source: 'Replies of Mailgun, Elastic Email and SMTP2GO to accounts without credit',
  },
  {
    about: 'account',
    says: /^(5\.7\.\d+ )?(your )?account (is |has been |was )?(disabled|suspended|blocked|locked)\b/i,
    unless: /\b(recipient|mailbox|tried to reach)\b/i,
    source: 'Replies of cPanel, Zoho Mail and SendGrid to suspended senders',
  },
  {
    about: 'relaying',
    codes: ['7.68'],
    says: /\binvalid credentials for relay\b|\bdirect send not allowed\b|\bip (address )?(is )?not (white|allow)listed\b/i,
    source: `${GMAIL}; ${MICROSOFT}`,
  },
  { about: 'account', codes: ['7.57', '7.700', '7.705', '7.750'], source: MICROSOFT },
  { about: 'reputation', codes: ['7.501', '7.502', '7.503', '7.511', '7.708'], source: MICROSOFT },
  { about: 'authentication', codes: ['7.509', '7.515'], source: MICROSOFT },
  {
    about: 'recipient',
    codes: [
      '7.124',
      '7.133',
      '7.134',
      '7.135',
      '7.136',
      '7.193',
      '7.507',
      '7.508',
      '7.510',
      '7.513',
      '7.703',
    ],
    source: MICROSOFT,
  },
  { about: 'sender', codes: ['1.7', '1.8'], source: 'RFC 3463 (bad sender address)' },
  { about: 'account', codes: ['7.8', '7.10', '7.11', '7.12', '7.13', '7.14'], source: REGISTRY },
  {
    about: 'authentication',
    codes: [
      '7.20',
      '7.21',
      '7.22',
      '7.23',
      '7.24',
      '7.25',
      '7.26',
      '7.27',
      '7.29',
      '7.30',
      '7.31',
      '7.32',
      '7.40',
    ],
    source: `RFC 7372, RFC 7505, RFC 8617, ${GMAIL}`,
  },
  { about: 'reputation', codes: ['7.28'], source: `IANA registry (mail flood detected), ${GMAIL}` },
  {
    about: 'session',
    says: /\b(messages?|e?-?mails?|recipients?|transactions?)\b[^.;]{0,40}\b(in|per|for|on|over|during)( this| a| one| each| the)?( smtp)? (connection|session)\b/i,
    unless: /\b(second|minute|hour|hourly|day|daily)\b/i,
    source:
      'Amazon SES ("Maximum message count per session reached"), Yahoo, Exim smtp_accept_max_per_connection',
  },
  {
    about: 'session',
    says: ENDS_FOR_ITSELF,
    unless: /\b(too many|limit|rate|exceed\w*)\b/i,
    source: 'RFC 5321 3.8 and 4.3.2 of RFC 3463: Sendmail, Exchange and Google, when they restart',
  },
  {
    about: 'session',
    codes: ['5.3'],
    unless: /\b(second|minute|hour|hourly|day|daily|rate)\b/i,
    source: 'RFC 3463 (too many recipients); each of our messages has one recipient',
  },
  { about: 'recipient', says: MAILBOX_FULL, source: 'RFC 3463 X.2.2 in the words of many servers' },
  {
    about: 'recipient',
    says: /not (allowed|authori[sz]ed|permitted) to (send|post|write|mail)( \w+){0,2} to (the |this |that |our )?(\w+[ -])?(mailing[ -]?list|list|group|recipient|user|address|mailbox|members?)\b|not (allowed|authori[sz]ed|permitted) to post\b/i,
    source: 'Mailman, Sympa, Google Groups, Exchange: lists decide who may write',
  },
  {
    about: 'reputation',
    says: /reject due to policy restrictions/i,
    source: 'GMX and WEB.DE, postmaster.gmx.net: the address or the configuration of the sending server',
  },
  {
    about: 'recipient',
    says: /RESOLVER\.RST|receiving (mail|messages) (at a rate|too quickly)|policy that prohibited|customer block list/i,
    source: `${MICROSOFT}; ${GMAIL}`,
  },
  {
    about: 'recipient',
    says: /\b(user|recipient|mailbox|group|list|member)s?\b[^.;]{0,30} (does not|doesn't|do not|is not|only) accept|accept(s|ing)? (e?-?mails?|messages?) (only )?from (outside|external|unknown|members)|blocked by (the |its )?(recipient|user)\b|(the )?recipient('s)? (has )?(blocked|policy|settings)|members?[- ]only/i,
    source: 'Exchange, Mailman and Barracuda: the recipient chooses which senders may write',
  },
  {
    about: 'sender',
    says: /\bsender('s)?( e?-?mail)?( address| domain)?( is| was| has been)? (rejected|refused|denied|invalid|unknown|unverified|not (allowed|authori[sz]ed|permitted|verified|valid|accepted|owned))|sender verif(y|ication) failed|not owned by user|domain of sender address|unroutable sender|bad ?mail ?from|envelope sender (is )?in my/i,
    source:
      'Postfix reject_sender_login_mismatch and reject_unknown_sender_domain, Exim verify = sender, Sendmail, qmail',
  },
  {
    about: 'sender',
    says: /send ?as ?denied|permissions? to send (as|on behalf)|not (allowed|authori[sz]ed|permitted) to (send|use) (mail |e?-?mails? )?(as|from|this|that)\b[^.;]{0,40}(sender|address|domain)?|verified sender identity|sender signature|addresse?s? (is|are) not verified|identities failed the check|unconfigured sending domain|sending domain[^.;]{0,40}(not|un)[ -]?(verified|configured|authori[sz]ed)|from address[^.;]{0,40}not (verified|valid|allowed)/i,
    unless: /per it's spf|\bspf\b/i,
    source: 'Exchange 5.7.60, SendGrid, Postmark, Amazon SES, SparkPost, Mailjet',
  },
  {
    about: 'sender',
    says: /\b(helo|ehlo)\b[^.;]{0,40}(rejected|invalid|denied|refused|fully[- ]qualified)/i,
    source: 'Postfix smtpd_helo_restrictions, which are reported at RCPT TO',
  },
  {
    about: 'quota',
    says: /(sending|relay|outgoing|outbound|submission|hourly|daily)( \w+){0,3} (quota|limit)|(quota|limit) for (sending|outgoing)|daily[^.;]{0,30}(quota|limit)|\b(e?-?mail|message|recipient)( count)? (quota|limit)s?( has been| is| was)? (exceeded|reached)|email quota exceeded/i,
    unless: /mailbox|size/i,
    source: `${GMAIL} (5.4.5), Amazon SES, Zoho, policyd`,
  },
  {
    about: 'quota',
    says: /max(imum)? (e?-?mails?|messages?|recipients?|defers and failures) (per|allowed|an) |(e?-?mails?|messages?|recipients?) (received )?(per|an|this|each) (second|minute|hour|day|month)|exceeded (the |your )?(max|allowed|permitted|hourly|daily|monthly)|maximum credits exceeded|throttling failure|rate ?limit[^.;]{0,40}exceeded|quotaexceeded|recipient limit exceeded|exceeds? (its |your )?per (hour|day)/i,
    unless: /mailbox|size/i,
    source: 'cPanel and Exim, SendGrid, Amazon SES, Hostinger, Exchange SubmissionQuotaExceeded, Mailgun',
  },
  {
    about: 'account',
    says: /\b(your|sending|sender'?s?|smtp)( smtp| e?-?mail| sending)? account\b|sending( has been| is| was)? (paused|suspended|disabled|blocked|stopped|denied)|mail sending denied|outgoing (mail|message|email)s?( \w+)? (suspension|suspended|blocked|disabled)|e?-?mail outgoing blocked|outbound ?spam|has an outgoing mail suspension|is not allowed to send\b|for test purposes only|account not subscribed|not authorized to perform|your smtp|not (yet )?activated/i,
    unless: /\bspf\b/i,
    source: 'Amazon SES, Mailgun, Brevo, Zoho (5.1.8), Exchange OutboundSpamException, cPanel, Gmail 5.7.0',
  },
  {
    about: 'account',
    says: /authenticat(e|ion)( is)? (required|needed|first)|must (first )?(authenticate|log ?in|issue)|(not|was not|need to be) authenticated|(log|sign) ?in (first|before)|please (authenticate|log ?in)|smtp auth\b|unauthorized ip address/i,
    source: `Exchange 5.7.57, Exim, Brevo, ${GMAIL}`,
  },
  {
    about: 'recipient',
    says: /(user|recipient|account|local part)( is)? unknown|unknown (user|recipient|mailbox|local|address)|no such (user|mailbox|recipient|address|person|account)|\b(user|recipient|mailbox|account|e?-?mail address)\b[^.;]{0,60}(does not exist|doesn't exist|not found|disabled|inactive|is full|over ?quota)|mailbox (is )?(full|disabled|quota|size)|over ?quota|quota exceeded/i,
    source: 'RFC 3463 X.1.1 and X.2.x in the words of Postfix, Exim, Gmail and Yahoo',
  },
  {
    about: 'authentication',
    says: /\b(spf|dkim|dmarc)\b|unauthenticated (e?-?mail|mail|sender|message)|(mail|message|sender) is unauthenticated|required authentication level|purported responsible address/i,
    source: `RFC 7208, RFC 6376, RFC 7489; ${GMAIL}, ${MICROSOFT}`,
  },
  {
    about: 'authentication',
    says: /\bPTR\b|\brdns\b|reverse[ -](dns|host ?name|lookup)|cannot find your (reverse )?hostname|no reverse|unresolvable relay host/i,
    source: `Postfix reject_unknown_client_hostname, ${GMAIL} (5.7.25)`,
  },
  {
    about: 'relaying',
    says: /\brela(y|ying)\b[^.;]{0,60}\b(denied|not (permitted|allowed)|disallowed|prohibited|refused|rejected)|(unable|not (configured|permitted|allowed|authori[sz]ed)|do(es)? not|don't|refus\w+) (to )?relay|rcpthosts|tenantattribution|open relay|as a relay/i,
    source: 'Postfix, Exim, Sendmail, qmail, Exchange 5.7.54 and 5.7.64',
  },
  {
    about: 'message',
    says: /\b(surbl|uribl|virus|malware|phishing|attachments?)\b|(contains?|containing)\b[^.;]{0,40}(spam|content|url|uri|links?)\b|likely (unsolicited|spam)|(spam|unsolicited) (message|content|mail) (rejected|blocked|detected)|(message|mail|e?-?mail)[^.;]{0,30} (as|looks like|be|for( possible)?) spam|(spam|content) (score|filter)|probability of spam|message (size|(is )?too (large|big|long))|size (limit|exceeds)/i,
    unless: /reputation|your (ip|network|host)/i,
    source: 'Content filters: Gmail 5.7.0, Exchange 5.7.520, rspamd, SpamAssassin, Mail.Ru, Exim',
  },
  {
    about: 'reputation',
    says: /(black|block|deny)[ -]?list(ed|ing)?|dnsbl|\brbl\b|spamhaus|barracuda|spamcop|sorbs|uceprotect|abuseat|cloudmark|(poor|low|bad|negative|sender|ip|domain|your|mta'?s?)( \w+){0,2} reputation|reputation (of|problem)|\b(is|are) listed (at|in|on|by)|due to listing in/i,
    source:
      'Postfix reject_rbl_client, Spamhaus, Barracuda, Cisco IronPort, Apple, Microsoft S3140 and S3150',
  },
  {
    about: 'reputation',
    says: /client host\b[^;]{0,80}(blocked|rejected|refused)|\bips?( addresse?s?)?\b[^.;]{0,40}\.?[\d.:a-f\]]*[^.;]{0,40}(is |was |has been |temporarily )*(blocked|banned|rejected|refused|forbidden|not (authori[sz]ed|allowed|accepted|welcome))|(not|never) (be )?accept(ed|ing)?\b[^.;]{0,30} from (this|your|dynamic|[\d.]+)|connections? (will )?not (be )?accepted|traffic not accepted|(too many|unsolicited|sending) (spams?|mail|e?-?mail) (from|originating from) your|you are sending spam|banned send|permanently deferred|\[?TSS?\d\d\]?|unusual (rate|amount|sending)|your (network|mail server)\b[^.;]{0,30}(block|ban|black|spam)|fix reverse|dynamic ips?/i,
    source: `${GMAIL}, Yahoo sender error codes (TSS04, TSS09, BL21), free.fr, Mail.Ru, Zoho 5.4.6`,
  },
];

const ABOUT_US: ReadonlySet<Subject> = new Set<AboutUs>([
  'sender',
  'account',
  'quota',
  'reputation',
  'authentication',
  'relaying',
]);

/** Whether the server would refuse every message of ours in the same way. */
export function isAboutUs(subject: Subject | null): subject is AboutUs {
  return subject !== null && ABOUT_US.has(subject);
}

/** The subject of a refusal according to {@link REPLIES}; null if the reply does not say. */
export function subjectOfReply({ smtpCode, enhancedCode, text }: SmtpReply): Subject | null {
  if (smtpCode < 400) return null;
  const code = enhancedCode?.slice(2);
  const words = unfolded(text);
  const row = REPLIES.find(
    ({ codes, says, unless }) =>
      (code !== undefined && codes?.includes(code) === true && !unless?.test(words)) ||
      (says?.test(words) === true && !unless?.test(words)),
  );
  return row?.about ?? null;
}

/** Longer than any reply of a server. It limits the time that the patterns take. */
const LENGTH_MAX = 4000;

/**
 * Joins the lines of a reply, without the code at the beginning of each and without addresses: a name such as
 * `spf@` says nothing.
 */
function unfolded(text: string): string {
  return text
    .slice(0, LENGTH_MAX)
    .split(/\r?\n/)
    .map((line) => line.replace(/^\d{3}[ -]/, ''))
    .join(' ')
    .replace(/[^\s<>"]+@[^\s<>":;]+/g, '')
    .replace(/\s+/g, ' ');
}

import { MAILBOX_FULL_LOWER_CASE } from './mailbox-full.js';
import type { EvidenceRow } from './refusal.js';

/** Evidence that a refusal has a cause other than the address. */
export interface OtherRow extends EvidenceRow {
  /**
   * `closed`: the mailbox exists and is closed, perhaps for a while. That is no evidence that the address is
   * gone. Unlike the others, it is also no evidence that the address works: it counts as a failure of the
   * address.
   */
  about: 'quota' | 'rate' | 'policy' | 'reputation' | 'size' | 'temporary' | 'sender' | 'closed';
}

/**
 * Enhanced codes (RFC 3463 3.3 to 3.8) that mean another cause. All `4.x.x` codes do. 5.4.1, 5.4.4 and
 * 5.4.310 may concern a domain.
 */
export const OTHER_CODES =
  /^5\.(1\.[789]|2\.[23]|3\.\d{1,3}|4\.(?!(?:1|4|310)$)\d{1,3}|5\.[1-9]\d{0,2}|6\.\d{1,3}|7\.\d{1,3})$/;

/** Reply codes (RFC 5321 4.2.3, RFC 4954) that mean another cause. All codes below 500 do. */
export const OTHER_REPLIES: ReadonlySet<number> = new Set([500, 501, 502, 503, 504, 530, 534, 535, 538, 552]);

/**
 * Phrases of large providers and mail servers, from their documentation, from the servers' source, and
 * collected with samples by Sisimai (`Reason/MailboxFull`, `Speeding`, `Blocked`, `RequirePTR`, `Rejected`,
 * `PolicyViolation`, `SpamDetected`, `AuthFailure`, `MesgTooBig`, `Suspend`, `Expired`). They override
 * evidence that an address is gone.
 */
export const OTHER_EVIDENCE: readonly OtherRow[] = [
  row('quota', 'quota', /quota(?!tion)/, 'Gmail, Dovecot, vpopmail, RFC 3463 5.2.2'),
  row(
    'mailbox full',
    'quota',
    /\b(mailbox|mail ?box|mailfolder|mail ?file|inbox|user|account)\b.{0,40}\b(full|over its limit|exceed\w*)\b|\bfull mailbox\b/,
    'Sendmail, Exchange',
  ),
  row(
    'mailbox full',
    'quota',
    MAILBOX_FULL_LOWER_CASE,
    'Orange OFR_417; servers that answer in other languages',
  ),
  row(
    'storage exceeded',
    'quota',
    /\bexceed\w* storage\b|\b(out|enough) (of )?(storage|disk|space)\b|\bspace has been used up\b|\binsufficient (system |disk )?(storage|space)\b|\bout of storage\b|\bdisk full\b/,
    'Gmail 4.2.2, Exchange, RFC 5321 452 and 552',
  ),
  row('too much mail data', 'quota', /\btoo much mail data\b|\btoo many messages on the server\b/, 'docomo'),
  row('receiving rate', 'rate', /\breceiving mail (at a rate|too quickly)\b/, 'Gmail 4.2.1 and 5.2.1'),
  row(
    'rate',
    'rate',
    /\brate[- ]?limit|\b(sending|mail|message|connection|receiving|user) rate\b|\bthrottl|\btoo (many|fast|quickly)\b|\b(sending|daily|hourly|message|recipient|receiving|user)[\w ]{0,20} limit\b|\blimit exceeded\b|\bslow down\b|\btrop de connexions\b|\bunusual (rate|traffic)\b/,
    'Gmail 5.4.5, Yahoo, Orange, Comcast, Exchange Online 5.2.121',
  ),
  row(
    'spam',
    'policy',
    /\bspam(?!haus)|\bunsolicited\b|\bjunk mail\b|\bube\b|\bphish|\bbulk mail\b/,
    'Gmail 5.7.1, Barracuda, SpamAssassin',
  ),
  row(
    'content',
    'policy',
    /\bvirus\b|\bmalware\b|\b(message|content|attachment|header|url|link)s? (content )?(was |has been |is |are )?(rejected|blocked|refused|filtered|not accepted(?! -- invalid)|denied)\b|\bcontent (filter|policy|restriction)|\bmessage filtered\b/,
    'Barracuda, Proofpoint, Amazon SES',
  ),
  row(
    'policy',
    'policy',
    /\bpolic(y|ies)\b|\bprohibit|(?<!mailbox name (is )?)\bnot (permitted|authori[sz]ed|allowed)\b|\bunauthori[sz]ed\b|\badministrative(ly)?\b|\bprotocol (error|violation)\b|\bcomplian(t|ce)\b|\bban(ned|ning)\b|\bpol(í|i)tica|\bpolitique\b|richtlinie|\bpolityk|политик/,
    'RFC 3463 5.7, Yahoo 5.7.9, Exchange Online; the word in other languages',
  ),
  row(
    'filter',
    'policy',
    /\b(filtered|denied|refused|rejected|blocked) by (the )?(recipient(?!('s)? (domain|server|e-?mail|mail|system))|user|filter|secumail|custom|a rule|rule)|\bmembers?-only\b|\bnot accepting (mail|messages) from\b|\bdoes not accept mail from\b|\bnot have permission\b/,
    'mailing lists, recipients’ own rules',
  ),
  row(
    'relaying',
    'policy',
    /\brelay(ing)?\b.{0,30}\b(denied|prohibited|not|access|deny|refused|mail)\b|\brcpthosts\b|\b(can ?not|unable to|not|mail) relay\b|\brelay access\b/,
    'Postfix, Exim, qmail, Exchange 5.7.64',
  ),
  row(
    'authentication',
    'policy',
    /\bspf\b|\bdkim\b|\bdmarc\b|\bsender[- ]?id\b|\bunauthenticated\b|\bauthenticat(e|ion|ed)\b|\bpurported responsible address\b/,
    'Gmail 5.7.26, Exchange Online 5.7.509',
  ),
  row(
    'reverse name',
    'reputation',
    /\bptr\b|\breverse[- ]?(dns|lookup|name|hostname)\b|\brdns\b|\b(ip|host|client) name lookup\b|\bcannot (find|resolve) your (hostname|address)\b|\bmismatches client ip\b|\bhosts? with dynamic ip\b/,
    'Comcast, Gmail 5.7.25, AOL, Mail.ru',
  ),
  row(
    'block list',
    'reputation',
    /\b(black|block|deny|allow|white|grey|gray)[- ]?list|\b[dr]?rbl\b|\bdnsbl\b|\b(is|are|was|been) listed\b|\blisted (at|on|in|by) (?!(public|domino|directory))|\bspamhaus\b|\bspamcop\b|\bsorbs\b|\bbarracudacentral\b|\babuseat\b/,
    'Spamhaus, SpamCop, Barracuda',
  ),
  row(
    'reputation',
    'reputation',
    /\breputation\b|\bblocked\b|\babus(e|ive)\b|\bsuspicious|\buser complaints\b|\bpoor standing\b|\bbanned sending ip\b/,
    'Yahoo TSS04, Outlook.com S3140, Cisco Talos',
  ),
  row(
    'access',
    'reputation',
    /(?<!recipient address rejected: )\baccess (is )?denied\b|\bclient host rejected\b|\bhelo\b.{0,30}\b(rejected|refused|invalid)\b|\bgo away\b|\brefused to talk\b|\bnot allowed to connect\b|\bconnections? (not accepted|refused|rejected|dropped)\b|\bmay not be mail exchanger\b/,
    'Postfix, Sendmail, Exchange 5.7.1',
  ),
  row(
    'sender',
    'sender',
    /\bsenders?\b.{0,60}\b(rejected|denied|refused|invalid|unknown|verify|verif\w+|blocked|not|does|no|unrout\w*|required|empty)\b|\b(invalid|unknown|unrout\w*|bad|null|empty|unverified|unauthorized) (envelope )?senders?\b|\bdomain of sender\b|\bsender (address|domain|verify)\b|\bmail from\b.{0,60}\b(rejected|refused|not|owned)\b|\breject mail from\b|\bmail from domain\b|\breturn[- ]path\b.{0,30}\bnot\b|\bidentit(y|ies) failed\b|\bemail address is not verified\b|\bemetteur invalide\b|\bverification failed\b|\b(for|of|from) (the |your )?sender\b/,
    'Postfix, Exim, Sendmail 5.1.8, Amazon SES',
  ),
  row(
    'recipient’s filter',
    'policy',
    /\brefuses to accept (your )?(mail|message)\b|\bautomatically rejected: not enough\b/,
    'mailing lists and mobile carriers',
  ),
  row(
    'size',
    'size',
    /\b(message|mail|size|attachment)\b.{0,30}\b(too (big|large|long)|exceeds?\b|limit)|\btoo (big|large) (for|message)\b/,
    'RFC 1870, RFC 3463 5.3.4',
  ),
  row(
    'temporary',
    'temporary',
    /\btemporar(y|ily|ly)\b|\btry(ing)? (it |your message )?(again|later)\b|\btry again later\b|\bgr[ae]y-?list|\bdefer(red)?\b|\bveuillez essayer\b|\bplus tard\b|\bserver busy\b|\bresources? unavailable\b/,
    'RFC 5321 4.2.1, Postgrey, Orange',
  ),
  row(
    'expired',
    'temporary',
    /\btimed? ?out\b|\bexpired\b|\bqueue too long\b|\bretry timeout\b|\bmultiple retries\b|\bgiv(ing|en) up (after|because)|\bfor the last \d+ seconds\b|\bretry time not reached\b|\bnumerous attempts\b|\bdid not accept our requests to connect\b|\bconnection (lost|reset|refused|was dropped)\b|\bnot reachable\b|\bunable to connect\b|\bno answer from host\b|\bno route to host\b|\bnetwork (is )?unreachable\b|\bunable to deliver in\b/,
    'Postfix, Exim, qmail, Amazon SES',
  ),
  row(
    'loop',
    'temporary',
    /\btoo many hops\b|\bhop count\b|\b(mail|routing|forwarding) loop\b|\bloops? back to myself\b/,
    'RFC 3463 5.4.6',
  ),
  row(
    'system',
    'temporary',
    /\b(internal|system|local|configuration|database|server|io|i\/o|software) (system )?(error|failure|problem|trouble)\b|\bservice (is )?(currently )?unavailable\b|\btransaction failed\b|\bcannot open\b|\bname server reply\b|\bname service error\b.{0,80}\bmalformed\b/,
    'Exchange 5.3.5, Sendmail',
  ),
  row(
    'server',
    'temporary',
    /\bmaintenance\b|\b(start)?tls\b|\bencrypt(ion|ed)\b|\blicen[cs]e\b|\boverloaded\b|\bload (is )?too high\b|\bsyntax error\b|\bbad sequence\b|\bshutting down\b|\breconnect\b|\b(country|geo)[- ]?(block|ip|location)/,
    'Exchange, Postfix, appliances: the state of the server or of the connection',
  ),
  row(
    'closed',
    'closed',
    /\b(account|mailbox|mail ?box|user|inbox|recipient|address|email)\b.{0,60}\b(disabled|suspend\w*|inactive|deactivated|frozen|locked|closed|discontinued|terminated|not active|paused|expired)\b|\b(disabled|suspended|inactive|deactivated|invalid\/inactive) (user|account|mailbox|recipient)\b|\bsuspend the service\b/,
    'Gmail 5.2.1, NetEase, QQ, i.ua, RFC 3463 5.2.1',
  ),
];

function row(name: string, about: OtherRow['about'], words: RegExp, source: string): OtherRow {
  return { name, about, words, source };
}

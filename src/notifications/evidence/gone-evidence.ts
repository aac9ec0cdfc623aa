import type { EvidenceRow } from './refusal.js';

/** Evidence that a mailbox, or its domain, does not exist. */
export interface GoneRow extends EvidenceRow {
  /** The words count only together with this enhanced code, because they are used for other refusals as well. */
  beside?: RegExp;
  /** The words count at each step and with each code: they are used for no other refusal. */
  isCertain?: true;
}

/** Enhanced codes that mean "no such address": RFC 3463 3.2, RFC 7505 for 5.1.10, and Exchange Online for 5.4.310. */
export const GONE_CODES: ReadonlySet<string> = new Set([
  '5.1.1',
  '5.1.2',
  '5.1.3',
  '5.1.6',
  '5.1.10',
  '5.4.310',
]);

/**
 * Phrases of large providers and mail servers. They are public: in the providers' documentation, in the
 * servers' source, and collected with samples by Sisimai (`Reason/UserUnknown`, `HostUnknown`, `HasMoved`).
 */
export const GONE_EVIDENCE: readonly GoneRow[] = [
  // Mailboxes, in phrases of one provider or product
  row('gmail: account does not exist', /account that you tried to reach does not exist/, 'Gmail', true),
  row(
    'exchange: recipient not found',
    /resolver\.adr\.recip(ient)?notfound/,
    'Exchange, NDR 5.1.1 and 5.1.10',
    true,
  ),
  row(
    'exchange: remote unknown recipient',
    /remote server returned unknown recipient/,
    'Exchange Online, NDR 5.1.351',
    true,
  ),
  row(
    'exchange: unknown recipient',
    /recipient name is not recognized|000c05a6\) unknown/,
    'Exchange 5.5 and 2000',
    true,
  ),
  row(
    'exchange: not in the address list',
    /e-?mail account does not exist at the organization/,
    'Exchange 2003',
    true,
  ),
  row(
    'exchange online: address not found',
    /email address (you entered )?(couldn.t be|wasn.t) found/,
    'Exchange Online, text of NDR 5.1.10',
    true,
  ),
  {
    ...row(
      'exchange online: directory based blocking',
      /recipient address rejected: access denied/,
      'Exchange Online, NDR 5.4.1',
    ),
    beside: /^5\.4\.1$/,
  },
  {
    ...row(
      'outlook.com: mailbox unavailable',
      /requested action not taken: mailbox unavailable/,
      'Outlook.com, 550 5.5.0 to RCPT',
    ),
    beside: /^5\.(5\.0|1\.1)$/,
  },
  row(
    'gmx: mailbox unavailable',
    /requested action not taken: mailbox unavailable/,
    'GMX, WEB.DE: 550 to RCPT, without an enhanced code',
  ),
  row(
    'yahoo: mailbox not found',
    /requested mail action aborted, mailbox not found/,
    'Yahoo, 552 1, an older form',
    true,
  ),
  row(
    'yahoo: no such account',
    /^(?=.*\bdd\b).*user doesn.t have an? \S+ account/,
    'Yahoo, 554 delivery error: dd',
    true,
  ),
  row('yahoo: not a valid recipient', /\bdd not a valid recipient/, 'Yahoo', true),
  row('icloud: unknown or illegal alias', /unknown or illegal (alias|user)/, 'iCloud; Sendmail mail.local'),
  { ...row('yandex: no such user', /no such user!/, 'Yandex, 550 5.7.1'), isCertain: true },
  row('mail.ru: invalid mailbox', /not accepted -- invalid mailbox/, 'Mail.ru', true),
  row('netease: user not found', /user not found: /, 'NetEase 163, 126'),
  row('orange: invalid recipient', /adresse d.?.?au moins un destinataire invalide/, 'Orange, OFR_416', true),
  row(
    'domino: not in the directory',
    /not listed in (public name & address book|(domino )?directory)|no route found to domain|no such user in name directory/,
    'HCL Domino',
    true,
  ),
  row(
    'notes: not in the list, ja',
    /ディレクトリのリストにありません/,
    'Lotus Notes SMTP MTA, Japanese',
    true,
  ),
  row('mms: no valid recipients', /no valid recipients for this mm\b/, 'Verizon MMS gateway', true),
  row('vpopmail: no mailbox', /no mailbox here by that name/, 'qmail, vpopmail', true),
  row('qmail: bad recipient', /sorry, (user unknown|badrcptto)|in my badrcptto list/, 'qmail, spamdyke'),
  row('vdeliver: invalid user', /vdeliver: invalid or unknown virtual user/, 'vdeliver', true),
  row('exim: unknown local part', /unknown local[- ]part ".{1,80}" in domain/, 'Exim, its own router', true),
  row('imail: unknown user', /\bunknown user: ?<>/, 'Ipswitch IMail Server', true),
  row('no longer accepts mail', /\bthis address no longer accepts mail\b/, 'qmail, vpopmail', true),
  // Mailboxes, in phrases that many servers use
  row(
    'user unknown',
    /\b(user|account|mailbox|recipient|address|destinatario|utilisateur)( address)? (is )?(unknown|inconnu|sconosciuto)\b/,
    'Postfix, Sendmail, Free, KDDI, Libero',
  ),
  row('user unknown', /\buser \S+ unknown\b|\buserunknown\b/, 'T-Online, Dovecot'),
  row(
    'unknown user',
    /\bunknown (local )?(user|recipient|mailbox|account|address|e-?mail address|local[- ]part)\b/,
    'docomo, Exim, Dovecot',
  ),
  row(
    'no such user',
    /\bno such (local )?(user|recipient|mailbox|person|address|account|domain or user)\b/,
    'Exim, Naver, Sendmail',
  ),
  row(
    'does not exist',
    /\b(user|account|mailbox|recipient|address|e-?mail address|inbox|rcpt)\b[^.:;]{0,80}\b(does not|doesn.t|dosn.t|do not|didn.t|not) exists?\b/,
    'iCloud, Proton, Zoho, Charter, Tencent',
  ),
  row(
    'not found',
    /\b(user|account|mailbox|recipient|address)\b[^.:;]{0,60}\b(was )?(not|couldn.t be|could not be) found\b/,
    'AOL, Tencent, QQ, Postfix',
  ),
  row(
    'nonexistent user',
    /\bnon-?\s?existent (user|mailbox|recipient|account|address)\b/,
    'Sendmail, Courier',
  ),
  row(
    'invalid recipient',
    /\b(invalid|bad) (recipient|mailbox|user|destination mailbox|e-?mail address|address|destination address)\b/,
    'MDaemon, Merak, RFC 3463 3.2',
  ),
  row(
    'invalid user',
    /recipient address rejected: (invalid[- ](user|recipient)|undeliverable address: .{0,80}unknown)/,
    'Postfix policies and address verification',
  ),
  row(
    'not a valid mailbox',
    /\b(is )?not a (valid|known|local) (user|recipient|mailbox|address)\b|\bnot our customer\b/,
    'Comcast, MailEnable, Postfix',
  ),
  row(
    'no account here',
    /\bno (account|mailbox|mail ?box|user|one)( available| found)? (by that name|for this user|at this address|here)\b|\bno mailbox found\b/,
    'CommuniGate, Lotus, MailSite',
  ),
  row(
    'mailbox not present',
    /\b(mailbox|address) not present\b|\baddress is wrong or no longer valid\b/,
    'CommuniGate, NTL',
  ),
  { ...row('address rejected', /\baddress rejected\b/, 'Postfix 5.1.0, Cloudmark'), beside: /^5\.1\.0$/ },
  row(
    'no such user, es',
    /no existe (dicha persona|ese usuario|el usuario)|usuario (desconocido|inexistente|no existe)/,
    'Telefónica, Terra',
  ),
  row('no such user, it', /nessun utente simile|utente (sconosciuto|inesistente)/, 'Aruba, Libero'),
  row(
    'no such user, de',
    /empf(ä|ae?)nger (unbekannt|existiert nicht)|unbekannter (empf(ä|ae?)nger|benutzer)/,
    'T-Online, 1&1',
  ),
  row('mailbox name not allowed', /\bmailbox name (is )?(not allowed|invalid)\b/, 'RFC 5321 4.2.3, 553'),
  // Domains
  row('domain not found', /\bdns error: .{0,60}domain name not found/, 'Gmail', true),
  row(
    'exchange online: domain does not exist',
    /\bdns domain \S{0,80} ?does not exist\b/,
    'Exchange Online, NDR 5.4.310',
    true,
  ),
  row(
    'domain not found',
    /couldn.t find any host (named|by that name)|couldn.t find a mail exchanger or ip address/,
    'qmail',
    true,
  ),
  row(
    'domain not found',
    /\bhost unknown \((name server|authoritative answer)/,
    'Sendmail, when the name server says so',
    true,
  ),
  row('domain not found', /\bdns lookup failure: host \S+ not found/, 'DragonFly Mail Agent', true),
  row('domain not found', /\bdns error: .{0,60}domain name not found/, 'Gmail', true),
  row('domain without mail server', /\bno mx record found for domain\b/, 'Yahoo', true),
  row('unrouteable address', /\bunrout(e)?able address\b|\bunrouteable mail domain\b/, 'Exim', true),
  row('invalid domain', /\billegal host\/domain name found\b/, 'Oracle Messaging Server', true),
  {
    ...row(
      'domain not found',
      /\b(host|domain)( name)?( or domain name)? not found\b|\b(no such|invalid|illegal|unknown) (host|domain)\b|\bdomain does not exist\b/,
      'Postfix, Amazon SES, 5.4.4 and 5.1.2',
    ),
    beside: /^5\.(4\.4|1\.2)$/,
  },
  row(
    'domain takes no mail',
    /\b(domain|host) does ?n[o']t accept mail\b|\bnull ?mx\b/,
    'RFC 7505 (null MX), Postfix, Sendmail',
    true,
  ),
];

function row(name: string, words: RegExp, source: string, isCertain?: true): GoneRow {
  return { name, words, source, ...(isCertain ? { isCertain } : {}) };
}

import { describe, expect, it } from 'vitest';
import { judgeAddress } from './address-verdict.js';
import { GONE_EVIDENCE } from './gone-evidence.js';
import { OTHER_EVIDENCE } from './other-evidence.js';
import type { Refusal } from './refusal.js';

const judge = (words: string, refusal: Partial<Refusal> = {}) =>
  judgeAddress({ status: null, words, refusedAt: 'recipient', ...refusal }).address;

describe('an address is gone', () => {
  it.each([
    [
      'Postfix',
      '550 5.1.1 <ada@example.com>: Recipient address rejected: User unknown in local recipient table',
    ],
    ['Sendmail', '550 5.1.1 <ada@example.com>... User unknown'],
    ['Exim', '550 No Such User Here'],
    [
      'Gmail',
      '550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n550-5.1.1 double-checking the address',
    ],
    ['Exchange', '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'],
    ['Exchange Online', '550 5.4.1 Recipient address rejected: Access denied. AS(201806281)'],
    ['Outlook.com', '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).'],
    ['iCloud', '550 5.1.1 <ada@icloud.com>: user does not exist'],
    ['Yandex', '550 5.7.1 No such user!'],
    [
      'Mail.ru',
      '550 Message was not accepted -- invalid mailbox. Local mailbox ada@mail.ru is unavailable: user not found',
    ],
    ['NetEase', '550 User not found: ada@163.com'],
    ['QQ', '550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?id=20022'],
    ['Orange', '550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416'],
    ['docomo', '550 Unknown user ada@docomo.ne.jp'],
    ['Comcast', '550 5.1.1 Not our Customer'],
    ['Proton', '550 5.1.1 <ada@proton.me>: Recipient address rejected: Address does not exist'],
    ['vpopmail', '550 sorry, no mailbox here by that name (#5.1.1 - chkuser)'],
    ['a bare code', '550 5.1.1'],
    ['a null MX', '556 5.1.10 Domain does not accept mail (nullMX)'],
    ['a moved mailbox', '551 5.1.6 Recipient has moved'],
    ['RFC 5321', '553 Mailbox name not allowed'],
    ['GMX', '550 Requested action not taken: mailbox unavailable'],
    [
      'WEB.DE',
      '550-Requested action not taken: mailbox unavailable\r\n550 For explanation visit https://postmaster.web.de/en/case?c=r0201',
    ],
    ['Yahoo, an older form', '552 1 Requested mail action aborted, mailbox not found'],
    [
      'Exchange Online, of a domain',
      '550 5.4.310 DNS domain example.com does not exist [Message=InfoDomainNonexistent]',
    ],
    ['a bare code of Exchange Online', '550 5.4.310'],
    ['many', '550 No such user here'],
    ['Courier', '550 User unknown.'],
    ['Courier, with a code', '550 5.0.0 User unknown'],
  ])('in the words of %s: %s', (_, words) => {
    expect(judge(words)).toBe('gone');
  });

  it('at the end of the data in words that nothing else is refused with', () => {
    const yahoo = "554 delivery error: dd This user doesn't have a yahoo.com account (ada@yahoo.com) [0]";
    expect(judge(yahoo, { refusedAt: 'data' })).toBe('gone');
  });
});

describe('an address is not meant', () => {
  it.each([
    ['552 5.1.1 <ada@example.com> mailbox is over quota'],
    ['550 5.1.1 user over quota. (#5.1.1)'],
    ['452 4.2.2 The email account that you tried to reach is over quota'],
    [
      '550-5.2.1 The user you are trying to contact is receiving mail at a rate that\r\n550-5.2.1 prevents additional messages from being delivered.',
    ],
    ['550 mail not accepted from 192.0.2.1: no PTR record'],
    ['554 Comcast requires that all mail servers must have a PTR record with a valid Reverse DNS entry'],
    ['550 5.7.1 Blocked by policy'],
    ['554 Relay access denied'],
    ['550 Sender verify failed'],
    ['550 Administrative prohibition'],
    ['550 SPF check failed'],
    ['550 Your IP 192.0.2.1 is listed'],
    ['550 Too many messages today'],
    ['550 5.4.5 Daily user sending limit exceeded'],
    ['550 Greylisted'],
    ['553 sorry, that domain isn’t in my list of allowed rcpthosts'],
    ['550 5.3.4 Message size exceeds fixed limit'],
    ['552 5.2.3 Message length exceeds administrative limit'],
    ['550 5.1.8 Domain of sender address hello@mingus.test does not exist'],
    ['550 5.1.1 User unknown; 450 4.2.0 greylisted'],
    ['554 5.7.1 <ada@example.com>: Client host rejected: Access denied'],
    ['550 5.6.7 SMTPUTF8 is required'],
    ['450 4.1.1 <ada@example.com>: unverified address: User unknown'],
    ['550 5.4.1 No answer from host'],
    ['550 Verification failed for <hello@mingus.test>: no such user'],
    ['550 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException'],
    ['550 5.1.1 The recipient server did not accept our requests to connect'],
    ['550 5.1.1 Server is down for maintenance'],
    ['550 5.1.1 Must issue a STARTTLS command first'],
    ['550 5.1.1 Licence expired'],
    ['550 5.1.1 Rechazado por la política de la empresa'],
    ['554 Transaction failed Reject due to policy restrictions'],
    ['550 Requested action not taken: mailbox unavailable. Sender address is not allowed.'],
    ['550 5.1.1 El buzón de correo está lleno'],
    ['550 El buzón del destinatario está lleno'],
    ['550 5.1.1 Das Postfach ist voll'],
    ['550 Postfach überfüllt'],
    ['550 Die Mailbox des Empfängers ist voll'],
    ['550 5.1.1 La casella è piena'],
    ['550 La casella di posta è piena'],
    ['550 5.1.1 Caixa postal cheia'],
    ['550 A caixa de correio do usuário está cheia'],
    ['550 5.1.1 Skrzynka przepełniona'],
    ['550 Skrzynka odbiorcy jest pełna'],
    ['550 5.1.1 Почтовый ящик переполнен'],
    ['550 Ящик пользователя полон'],
    ['550 5.1.1 Boîte pleine'],
    ['550 La boîte aux lettres est pleine'],
    ['550 5.1.1 BoÃ®te pleine'],
    ['550 Postvak is vol'],
    ['550 Posta kutusu dolu'],
    ['550 5.1.1 用户邮箱已满'],
    ['550 5.1.1 メールボックスがいっぱいです'],
  ])('by "%s", also where a report says 5.1.1', (words) => {
    expect(judge(words)).toBe('not_meant');
    expect(judge(words, { status: '5.1.1' })).toBe('not_meant');
  });

  it.each(['connection', 'sender'] as const)('where the %s was refused', (refusedAt) => {
    expect(judge('550 5.1.1 User unknown', { refusedAt })).toBe('not_meant');
  });

  it('by a code that speaks of something else, whichever of two comes first', () => {
    expect(judge('550 5.1.1 550 5.7.1 no')).toBe('not_meant');
    expect(judge('550 5.7.1 550 5.1.1 no')).toBe('not_meant');
  });
});

describe('a refusal says nothing certain about an address', () => {
  it.each([
    ['without words', '550'],
    ['with unknown words', '550 No'],
    ['with a code that only says "refused"', '550 5.0.0 Rejected'],
    [
      'that is closed, perhaps for a while',
      '550 5.2.1 The email account that you tried to reach is disabled',
    ],
    ['that is closed, though it is called unknown as well', '550 Account disabled: user unknown'],
    ['5.2.1 alone', '550 5.2.1 no'],
  ])('refused %s', (_, words) => {
    expect(judge(words)).toBe('unclear');
  });

  it('that is called unknown after the data: mobile carriers do so of what is filtered', () => {
    expect(judge('550 : User unknown', { refusedAt: 'data' })).toBe('unclear');
  });

  it('that is called unknown in a text without code and step', () => {
    expect(judge('550 unknown user', { refusedAt: null, isFreeText: true })).toBe('unclear');
  });
});

describe('words that are not part of a diagnosis', () => {
  it.each([
    ['an address', '550 5.1.1 <spam.quota@policy.example>... User unknown'],
    ['a link', '550 5.1.1 User unknown. See https://example.com/policy/spam-blocked'],
  ])('are those of %s', (_, words) => {
    expect(judge(words)).toBe('gone');
  });

  it('are read quickly, however long they are', () => {
    expect(judge(`550 ${'user mailbox recipient address '.repeat(10_000)}`)).toBe('unclear');
  });
});

describe('each row of evidence', () => {
  it('has a source, and a name without personal data', () => {
    for (const { name, source, words } of [...GONE_EVIDENCE, ...OTHER_EVIDENCE]) {
      expect(name).toMatch(/^[^@()]{3,50}$/);
      expect(source).toMatch(/\w{2}/);
      expect(words.flags).toBe('');
    }
  });
});

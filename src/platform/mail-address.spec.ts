import { describe, expect, it } from 'vitest';
import { mailboxOf, needsSmtpUtf8, normaliseAddress } from './mail-address.js';

describe('two spellings of an address are one', () => {
  it.each([
    ['case', 'Ada@Example.COM', 'ada@example.com'],
    ['an international domain and its punycode', 'ada@jõgeva.ee', 'ada@xn--jgeva-dua.ee'],
    ['composed and decomposed accents', 'zoe\u0308@example.com', 'zo\u00eb@example.com'],
    ['case beyond ASCII', 'ÅSE@example.com', 'åse@example.com'],
    ['quotes', '"Ada.L"@example.com', 'ada.l@example.com'],
    ['escapes', '"a\\d\\a"@example.com', 'ada@example.com'],
    ['escapes where quotes are needed', '"a\\d \\a"@example.com', '"ad a"@example.com'],
  ])('that differ in %s', (_, one, other) => {
    expect(normaliseAddress(one)).toBe(normaliseAddress(other));
  });

  it.each([
    ['a look-alike domain', 'ada@раураl.com', 'ada@paypal.com'],
    ['a tag', 'ada+mingus@example.com', 'ada@example.com'],
    ['a dot', 'a.da@example.com', 'ada@example.com'],
    ['a quote', '"a\\"da"@example.com', '"ada"@example.com'],
  ])('but not with %s', (_, one, other) => {
    expect(normaliseAddress(one)).not.toBe(normaliseAddress(other));
  });

  it('and what has no valid domain is left recognisable', () => {
    expect(normaliseAddress('ada@[127.0.0.1]')).toBe('ada@[127.0.0.1]');
    expect(normaliseAddress('"a@b"@example.com')).toBe('"a@b"@example.com');
  });
});

describe('the mailbox of an address', () => {
  it.each([
    ['Ada+x@Example.COM', 'ada@example.com'],
    ['ada+x+y@example.com', 'ada@example.com'],
    ['ada+@example.com', 'ada@example.com'],
    ['+x@example.com', '+x@example.com'],
    ['a.da@example.com', 'a.da@example.com'],
    ['a.d.a+x@gmail.com', 'ada@gmail.com'],
    ['a.da@GoogleMail.com', 'ada@gmail.com'],
    ['zo\u0308e+x@jõgeva.ee', 'z\u00f6e@xn--jgeva-dua.ee'],
    ['"ada+x"@example.com', 'ada@example.com'],
    ['"a\\da"@gmail.com', 'ada@gmail.com'],
    [`${'+'.repeat(100_000)}@example.com`, '+@example.com'],
  ])('%j is %s', (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox);
  });
});

describe('SMTPUTF8 is needed', () => {
  it.each([
    ['for a local part beyond ASCII', 'zoë@example.com', true],
    ['not for an international domain alone', 'zoe@jõgeva.ee', false],
    ['not for plain ASCII', 'zoe@example.com', false],
  ])('%s', (_, address, needed) => {
    expect(needsSmtpUtf8(address)).toBe(needed);
  });
});

import { domainToASCII } from 'node:url';

/** What tells an address from one that only looks like it. */
export interface AddressLook {
  /** With its domain as mail servers know it: `xn--…` for one that is not ASCII. */
  emailAscii: string;
  /** Scripts of its letters other than Latin: where none is expected, it may imitate another address (UTS 39). */
  emailScripts: string[];
}

/** Those that domains are registered in; letters of the rest are `Other`. */
const SCRIPTS = [
  'Arabic',
  'Armenian',
  'Bengali',
  'Cherokee',
  'Cyrillic',
  'Devanagari',
  'Georgian',
  'Greek',
  'Hangul',
  'Han',
  'Hebrew',
  'Hiragana',
  'Katakana',
  'Tamil',
  'Thai',
].map((name) => ({ name, letter: new RegExp(`\\p{Script=${name}}`, 'u') }));

export function lookOf(email: string): AddressLook {
  const emailAscii = email.replace(/[^@]*$/, (domain) => domainToASCII(domain) || domain);
  const letters = email.normalize('NFC').match(/(?!\p{Script=Latin})\p{L}/gu) ?? [];
  const scripts = letters.map(
    (letter) => SCRIPTS.find((script) => script.letter.test(letter))?.name ?? 'Other',
  );
  return { emailAscii, emailScripts: [...new Set(scripts)].toSorted() };
}

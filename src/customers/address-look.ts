import { domainToASCII } from 'node:url';

/** Facts about an address that help to spot a look-alike of another address. */
export interface AddressLook {
  /**
   * The address with its domain in ASCII, as mail servers write it: `xn--…` for a domain with other
   * characters.
   */
  emailAscii: string;
  /**
   * The scripts of its letters other than Latin. An unexpected script may imitate another address (UTS 39).
   */
  emailScripts: string[];
}

/** Scripts that domains can be registered in. Letters of all other scripts are reported as `Other`. */
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

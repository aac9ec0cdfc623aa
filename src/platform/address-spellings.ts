import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * A mail address as it may be kept: as it is, with its domain in punycode (as browsers and our own lists write it),
 * and with its domain as it is read (as people and Stripe may).
 */
export function spellingsOf(address: string): string[] {
  const withDomain = (spell: (domain: string) => string) =>
    address.replace(/[^@]*$/, (domain) => spell(domain));
  return [...new Set([address, withDomain(domainToASCII), withDomain(domainToUnicode)])];
}

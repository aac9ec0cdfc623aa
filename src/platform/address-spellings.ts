import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * A mail address as it may be kept: as it is or in small letters (composed, NFC), each with its domain as it is, in
 * punycode (as browsers and our own lists write it), and as it is read (as people and Stripe may).
 */
export function spellingsOf(address: string): string[] {
  const written = [address, address.normalize('NFC').toLowerCase()];
  const domains = [(domain: string) => domain, domainToASCII, domainToUnicode];
  return [
    ...new Set(
      written.flatMap((text) => domains.map((spell) => text.replace(/[^@]*$/, (domain) => spell(domain)))),
    ),
  ];
}

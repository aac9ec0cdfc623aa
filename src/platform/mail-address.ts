import { domainToASCII, domainToUnicode } from 'node:url';

/**
 * The one spelling under which an address is compared: lower case, NFC, without needless quotes (`"ada"@…` is
 * `ada@…`, RFC 5321 4.1.2), the domain in punycode. Who owns `Ada@example.com` and `ada@example.com` in practice
 * is one person.
 */
export function normaliseAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1).toLowerCase();
  return `${unquoted(address.slice(0, at)).normalize('NFC').toLowerCase()}@${domainToASCII(domain) || domain}`;
}

/** What is quoted without need, or escaped in quotes without need. */
function unquoted(local: string): string {
  if (!/^".*"$/s.test(local)) return local;
  const content = local.slice(1, -1).replace(/\\(.)/gs, '$1');
  const needsNoQuotes = /^[^\s"(),:;<>@[\\\].]+(\.[^\s"(),:;<>@[\\\].]+)*$/.test(content);
  return needsNoQuotes ? content : `"${content.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * A mail address as it may be kept: as it is, in small letters (also of ASCII alone, as some databases make them), or
 * as it is compared; each with its domain as it is, in punycode (as browsers and our own lists write it) and as it is
 * read (as people and Stripe may); composed and decomposed.
 */
export function spellingsOf(address: string): string[] {
  const written = [
    address,
    address.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase()),
    address.normalize('NFC').toLowerCase(),
    normaliseAddress(address),
  ];
  const domains = [(domain: string) => domain, domainToASCII, domainToUnicode];
  const spelled = written.flatMap((text) =>
    domains.map((spell) => text.replace(/[^@]*$/, (domain) => spell(domain))),
  );
  return [...new Set([...spelled, ...spelled.map((text) => text.normalize('NFD'))])];
}

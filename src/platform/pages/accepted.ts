import Negotiator from 'negotiator';

const VALUES_MAX = 10;
const PAGE_TYPES = new Set(['text/html', 'application/xhtml+xml']);
const JSON_TYPES = new Set(['application/json', 'application/problem+json']);

/** The languages of a browser (`Accept-Language: es-MX,es;q=0.9`), the preferred one first. */
export function acceptedLanguages(header: string | undefined): string[] {
  const languages = new Negotiator({ headers: { 'accept-language': firstValues(header) } }).languages();
  return languages.filter((tag) => /^[A-Za-z0-9-]{2,35}$/.test(tag));
}

/**
 * Whether a client asks for a page (`Accept: text/html,…`), as browsers do. A client that takes anything (`*\/*`) or
 * sends no header is a program.
 */
export function prefersPage(accept: string | undefined): boolean {
  const types = new Negotiator({ headers: { accept: firstValues(accept) } }).mediaTypes();
  const first = types
    .map((type) => type.toLowerCase())
    .find((type) => PAGE_TYPES.has(type) || JSON_TYPES.has(type));
  return first !== undefined && PAGE_TYPES.has(first);
}

/** The first values of a header, so that a long list costs little. */
const firstValues = (header = '') => header.split(',', VALUES_MAX).join(',');

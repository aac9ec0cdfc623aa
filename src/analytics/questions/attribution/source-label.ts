import { VALUE_LENGTH_MAX } from '../sql/event-conditions.js';

/** Bytes of a percent-encoded text, such as `%C3%A9`. */
const ENCODED = /(%[0-9a-f]{2})+/gi;
/** The name and password of an address, such as `https://ana:secret@example.com`. */
const LOGIN = /\/\/[^/?#\s]*@/g;

/** A source as it is shown: decoded, in lower case, without a login, and cut by code points. */
export function sourceLabel(source: string): { label: string; length: number } {
  const decoded = source.replace(ENCODED, decodedOf).replaceAll(LOGIN, '//');
  const whole = [...(decoded.trim() || source).toLowerCase()];
  return { label: whole.slice(0, VALUE_LENGTH_MAX).join(''), length: whole.length };
}

/** The characters, or the bytes as they are if they are no UTF-8. */
function decodedOf(bytes: string): string {
  try {
    return decodeURIComponent(bytes);
  } catch (error) {
    if (error instanceof URIError) return bytes;
    throw error;
  }
}

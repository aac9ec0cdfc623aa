const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;
const SECRET = /\b(whsec|sk|rk|pk|pl|ml)_[A-Za-z0-9+/=_-]+/g;
/** Of Stripe's billing portal: lets in whoever has it. */
const SESSION_URL = /(\/p\/session\/)[^\s"'<>]+/g;

/** Removes email addresses and secrets from a text written by somebody else (a server, a library). */
export function scrub(text: string): string {
  return text
    .replace(SESSION_URL, '$1[redacted]')
    .replace(SECRET, '$1_[redacted]')
    .replace(ADDRESS, '[address]');
}

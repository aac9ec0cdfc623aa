const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;
const SECRET = /\b(whsec|sk|rk|pk|pl|ml)_[A-Za-z0-9+/=_-]+/g;
/** The URL of a session of Stripe's billing portal. It gives access without a password. */
const SESSION_URL = /(\/p\/session\/)[^\s"'<>]+/g;

/** Removes email addresses and secrets from a foreign text (of a server, a library). */
export function scrub(text: string): string {
  return text
    .replace(SESSION_URL, '$1[redacted]')
    .replace(SECRET, '$1_[redacted]')
    .replace(ADDRESS, '[address]');
}

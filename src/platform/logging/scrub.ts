const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]+/g;
const SECRET = /\b(whsec|sk|rk|pk)_[A-Za-z0-9+/=_-]+/g;

/** Removes email addresses and secrets from a text written by somebody else (a server, a library). */
export function scrub(text: string): string {
  return text.replace(SECRET, '$1_[redacted]').replace(ADDRESS, '[address]');
}

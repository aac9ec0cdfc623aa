const MAX_LENGTH = 80;

/** A name as one line of visible characters; null when nothing is left of it. */
export function displayName(name: string | null): string | null {
  const line = (name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return [...line].slice(0, MAX_LENGTH).join('').trim() || null;
}

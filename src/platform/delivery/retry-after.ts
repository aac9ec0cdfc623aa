/** A server that asks for a longer wait is asked again after this time. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * The time that a `Retry-After` header names: seconds, or a date (RFC 9110, 10.2.3).
 * @returns null without a header, and for one that cannot be read
 */
export function retryAfter(header: string | null | undefined, now: Date): Date | null {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  if (!Number.isFinite(ms)) return null;
  return new Date(now.getTime() + Math.min(Math.max(ms, 0), LONGEST_MS));
}

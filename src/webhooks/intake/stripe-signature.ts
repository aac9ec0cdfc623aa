import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;
const HEADER_MAX_LENGTH = 4096;
const SIGNATURES_MAX = 16;

/** Why a signature was refused. For log and metric only: the caller always gets the same answer. */
export type SignatureFailure = 'missing' | 'malformed' | 'too_old' | 'in_the_future' | 'mismatch';

export type SignatureResult =
  | { valid: true; /** Position of the matching secret, from 0. */ secretIndex: number }
  | { valid: false; cause: SignatureFailure };

/**
 * Verifies a `Stripe-Signature` header (`t=…,v1=…`) over the raw bytes of a body against any of the
 * secrets. Stripe's own verifier accepts timestamps from the future and throws several error types;
 * this one accepts 300 s both ways and never throws.
 */
export function verifyStripeSignature(
  header: unknown,
  body: Buffer,
  secrets: readonly string[],
  now: Date,
): SignatureResult {
  if (typeof header !== 'string' || header === '') return { valid: false, cause: 'missing' };
  const parsed = parseHeader(header);
  if (!parsed) return { valid: false, cause: 'malformed' };
  const secretIndex = secrets.findIndex((secret) => matches(secret, parsed, body));
  if (secretIndex === -1) return { valid: false, cause: 'mismatch' };
  const ageSeconds = now.getTime() / 1000 - parsed.timestamp;
  if (ageSeconds > TOLERANCE_SECONDS) return { valid: false, cause: 'too_old' };
  if (ageSeconds < -TOLERANCE_SECONDS) return { valid: false, cause: 'in_the_future' };
  return { valid: true, secretIndex };
}

interface SignatureHeader {
  timestamp: number;
  signatures: Buffer[];
}

/** Exactly one integer `t`, up to 16 hexadecimal `v1`; other schemes (`v0`) and junk are passed over. */
function parseHeader(header: string): SignatureHeader | null {
  if (header.length > HEADER_MAX_LENGTH) return null;
  const entries = header.split(',').map((entry) => entry.trim());
  const timestamps = entries.filter((entry) => entry.startsWith('t='));
  const signatures = entries.filter((entry) => /^v1=[0-9a-f]{64}$/.test(entry));
  const [timestamp = ''] = timestamps;
  if (timestamps.length !== 1 || !/^t=\d{1,12}$/.test(timestamp)) return null;
  if (signatures.length === 0 || signatures.length > SIGNATURES_MAX) return null;
  return {
    timestamp: Number(timestamp.slice(2)),
    signatures: signatures.map((entry) => Buffer.from(entry.slice(3), 'hex')),
  };
}

function matches(secret: string, { timestamp, signatures }: SignatureHeader, body: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  return signatures.some((signature) => timingSafeEqual(signature, expected));
}

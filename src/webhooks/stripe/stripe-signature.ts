import { createHmac, timingSafeEqual } from 'node:crypto';

const TOLERANCE_SECONDS = 300;
const HEADER_MAX_LENGTH = 4096;
const SIGNATURES_MAX = 16;
const SIGNATURE = /^v1=[0-9a-f]{64}$/;
const TIMESTAMP = /^t=\d{1,12}$/;

/** Why a signature was refused. Only for log and metric; the caller always gets the same answer. */
export type SignatureFailure = 'missing' | 'malformed' | 'too_old' | 'in_the_future' | 'mismatch';

export type SignatureResult =
  | { valid: true; /** Position of the matching secret, from 0. */ secretIndex: number }
  | { valid: false; cause: SignatureFailure };

/**
 * Verifies a `Stripe-Signature` header (`t=…,v1=…`) over the raw bytes of a body against any of the secrets.
 * Stripe's own verifier accepts timestamps from the future and throws several error types. This one accepts
 * 300 s in both directions and never throws.
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

/** Reads exactly one integer `t` and up to 16 hexadecimal `v1`. Other schemes (`v0`) and junk are ignored. */
function parseHeader(header: string): SignatureHeader | null {
  if (header.length > HEADER_MAX_LENGTH) return null;
  const signatures: Buffer[] = [];
  let timestamp: string | null = null;
  for (const part of header.split(',')) {
    const entry = part.trim();
    if (entry.startsWith('t=')) {
      if (timestamp !== null) return null;
      timestamp = entry;
    } else if (SIGNATURE.test(entry)) signatures.push(Buffer.from(entry.slice(3), 'hex'));
  }
  if (timestamp === null || !TIMESTAMP.test(timestamp)) return null;
  if (signatures.length === 0 || signatures.length > SIGNATURES_MAX) return null;
  return { timestamp: Number(timestamp.slice(2)), signatures };
}

function matches(secret: string, { timestamp, signatures }: SignatureHeader, body: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest();
  return signatures.some((signature) => timingSafeEqual(signature, expected));
}

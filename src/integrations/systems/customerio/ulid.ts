/** Crockford's digits. https://github.com/ulid/spec */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A UUID v7 in the spelling of a ULID: both are 128 bits that begin with 48 bits of milliseconds. */
export function ulidOf(uuid: string): string {
  let bits = BigInt(`0x${uuid.replaceAll('-', '')}`);
  let text = '';
  for (let digit = 0; digit < 26; digit += 1) {
    text = DIGITS.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

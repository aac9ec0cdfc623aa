const SIZE_MIN = 64 * 1024;
/** A larger buffer is released after its batch. */
const SIZE_KEPT = 4 * 1024 * 1024;
/** Shorter texts are copied faster by a loop than by a call into Node. */
const SHORT_TEXT = 32;
const TWO_POW_32 = 2 ** 32;
const LAST_INT32 = 2 ** 31 - 1;
const LAST_INT64 = 2n ** 63n - 1n;

const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A value that a column cannot hold, with the SQLSTATE of PostgreSQL for its text form. */
export class UnwritableValue extends Error {
  constructor(
    readonly code: '22P02' | '22003' | '22008',
    type: string,
  ) {
    super(`Not a value of type ${type}`);
  }
}

/**
 * Collects values in PostgreSQL's binary formats (the `…recv` functions of its types), in network byte order.
 * One writer serves many messages: `reset`, write, `taken`.
 */
export class BinaryWriter {
  private buffer = Buffer.allocUnsafe(SIZE_MIN);
  private at = 0;

  get length(): number {
    return this.at;
  }

  reset(): void {
    if (this.buffer.length > SIZE_KEPT) this.buffer = Buffer.allocUnsafe(SIZE_MIN);
    this.at = 0;
  }

  /** A copy of all that was written since the last reset. */
  taken(): Buffer {
    const taken = Buffer.allocUnsafe(this.at);
    this.buffer.copy(taken, 0, 0, this.at);
    return taken;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.at++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.buffer[this.at++] = value >> 8;
    this.buffer[this.at++] = value;
  }

  int32(value: number): void {
    this.reserve(4);
    this.putInt32(this.at, value);
    this.at += 4;
  }

  /** Overwrites a length that was not known when its place was reserved. */
  setInt32(at: number, value: number): void {
    this.putInt32(at, value);
  }

  /** @throws UnwritableValue */
  integer(value: number): void {
    if (!Number.isInteger(value)) throw new UnwritableValue('22P02', 'integer');
    if (value > LAST_INT32 || value < -LAST_INT32 - 1) throw new UnwritableValue('22003', 'integer');
    this.int32(value);
  }

  /** Beyond 2^53 the value is the number's decimal text, as in JSON. @throws UnwritableValue */
  bigint(value: number): void {
    if (!Number.isInteger(value)) throw new UnwritableValue('22P02', 'bigint');
    if (!Number.isSafeInteger(value)) return this.int64(toBigint(value));
    this.int32(Math.floor(value / TWO_POW_32));
    this.int32(value);
  }

  double(value: number): void {
    this.reserve(8);
    // JSON has no negative zero.
    this.at = this.buffer.writeDoubleBE(value === 0 ? 0 : value, this.at);
  }

  /** Microseconds since 2000. @throws UnwritableValue outside of the years 1 to 9999 */
  time(value: Date): void {
    const ms = value instanceof Date ? value.getTime() : Number.NaN;
    if (!(ms >= FIRST_MS && ms <= LAST_MS)) throw new UnwritableValue('22008', 'timestamptz');
    const micros = (ms - POSTGRES_EPOCH_MS) * 1000;
    if (Number.isSafeInteger(micros)) this.bigint(micros);
    else this.int64(BigInt(ms - POSTGRES_EPOCH_MS) * 1000n);
  }

  /** The usual text form: 8-4-4-4-12 hexadecimal digits. @throws UnwritableValue */
  uuid(text: string): void {
    this.reserve(16);
    const { buffer } = this;
    let at = this.at;
    let valid = text.length === 36 ? 0 : NO_DIGIT;
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) {
        if (text.charCodeAt(i) !== HYPHEN) valid = NO_DIGIT;
        i += 1;
      }
      const high = DIGITS[text.charCodeAt(i)] ?? NO_DIGIT;
      const low = DIGITS[text.charCodeAt(i + 1)] ?? NO_DIGIT;
      valid |= high | low;
      buffer[at++] = (high << 4) | low;
    }
    if (valid > 0x0f) throw new UnwritableValue('22P02', 'uuid');
    this.at = at;
  }

  /** UTF-8. PostgreSQL itself refuses NUL. @throws UnwritableValue for half of a surrogate pair */
  text(text: string): void {
    const { length } = text;
    this.reserve(length * 3);
    if (length < SHORT_TEXT && this.shortAscii(text)) return;
    if (!text.isWellFormed()) throw new UnwritableValue('22P02', 'text');
    this.at += this.buffer.write(text, this.at);
  }

  private shortAscii(text: string): boolean {
    const { buffer, at } = this;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      buffer[at + i] = code;
    }
    this.at = at + text.length;
    return true;
  }

  private int64(value: bigint): void {
    if (value > LAST_INT64 || value < -LAST_INT64 - 1n) throw new UnwritableValue('22003', 'bigint');
    this.reserve(8);
    this.at = this.buffer.writeBigInt64BE(value, this.at);
  }

  private putInt32(at: number, value: number): void {
    const { buffer } = this;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  private reserve(length: number): void {
    if (this.at + length <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.at + length));
    this.buffer.copy(larger, 0, 0, this.at);
    this.buffer = larger;
  }
}

/** @throws UnwritableValue for a number whose text has an exponent */
function toBigint(value: number): bigint {
  const text = String(value);
  if (text.includes('e')) throw new UnwritableValue('22P02', 'bigint');
  return BigInt(text);
}

const HYPHEN = '-'.charCodeAt(0);
const NO_DIGIT = 0xff;
/** The value of a hexadecimal digit, by its character code. */
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

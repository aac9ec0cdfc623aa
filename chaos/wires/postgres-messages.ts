/**
 * A message of PostgreSQL's protocol: its type, its body, and the offset of its end in the bytes that were
 * read.
 */
export interface WireMessage {
  type: string;
  body: Buffer;
}

/** The first message of a client has no type; this name stands for it. */
export const STARTUP = 'startup';

const TYPE_BYTES = 1;
const LENGTH_BYTES = 4;

/** Splits a stream of bytes into PostgreSQL's messages. */
export class MessageReader {
  private rest: Buffer = Buffer.alloc(0);

  /** @param isStarting whether the stream begins with a client's startup message */
  constructor(private isStarting: boolean) {}

  /** All messages that are complete so far, each with its bytes. */
  read(bytes: Buffer): { message: WireMessage; bytes: Buffer }[] {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const messages: { message: WireMessage; bytes: Buffer }[] = [];
    let start = 0;
    for (;;) {
      const typeBytes = this.isStarting ? 0 : TYPE_BYTES;
      const bodyStart = start + typeBytes + LENGTH_BYTES;
      if (bodyStart > all.length) break;
      const end = start + typeBytes + all.readInt32BE(start + typeBytes);
      if (end > all.length) break;
      const type = this.isStarting ? STARTUP : String.fromCharCode(all[start] as number);
      messages.push({
        message: { type, body: all.subarray(bodyStart, end) },
        bytes: all.subarray(start, end),
      });
      this.isStarting = false;
      start = end;
    }
    this.rest = all.subarray(start);
    return messages;
  }
}

/** A text that ends with a zero byte, and the offset of its end. */
export function readText(body: Buffer, start = 0): { text: string; end: number } {
  const zero = body.indexOf(0, start);
  return { text: body.toString('utf8', start, zero), end: zero + 1 };
}

/** The first parameter of a Bind message, as text; null when it has none. */
export function firstParameter(body: Buffer): string | null {
  const portal = readText(body);
  const statement = readText(body, portal.end);
  const formats = body.readInt16BE(statement.end);
  const count = statement.end + 2 + formats * 2;
  if (body.readInt16BE(count) === 0) return null;
  const length = body.readInt32BE(count + 2);
  return length < 0 ? null : body.toString('utf8', count + 6, count + 6 + length);
}

/** Makes PostgreSQL send its answers so far, instead of at the end of the batch. */
export const FLUSH: Buffer = Buffer.from([...Buffer.from('H'), 0, 0, 0, 4]);

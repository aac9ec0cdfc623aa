import { Readable } from 'node:stream';
import { encode, wrap } from 'nodemailer/lib/qp';

/** A part of a compiled mail. Its headers are complete once `buildHeaders` has been called. */
interface Part {
  content?: unknown;
  childNodes: Part[];
  boundary?: string | false;
  getTransferEncoding: () => string | false;
  buildHeaders: () => string;
}

/** A step such as the DKIM signature that changes a message before it is sent. */
type Step = (message: Readable) => Readable;

/** A mail as nodemailer's plugins see it. */
interface CompiledMail {
  message: Part & { createReadStream: () => Readable; processFunc: (step: Step) => void };
}

/** The writer for each transfer encoding that our texts use. */
const WRITERS: Readonly<Record<string, (text: string) => string>> = {
  '7bit': (text) => text,
  'quoted-printable': (text) => wrap(encode(text)),
};

/**
 * A nodemailer plugin that writes a message of texts as one string. nodemailer itself passes each part
 * through seven streams and writes the result in about thirty pieces. A message with other parts is left to
 * nodemailer.
 */
export function sendInOnePiece({ message }: CompiledMail, done: () => void): void {
  if (message.childNodes.length > 0 && consistsOfTexts(message)) {
    const steps: Step[] = [];
    message.processFunc = (step) => void steps.push(step);
    message.createReadStream = () => steps.reduce((stream, step) => step(stream), streamOf(textOf(message)));
  }
  done();
}

function consistsOfTexts(part: Part): boolean {
  if (part.childNodes.length > 0) return part.childNodes.every(consistsOfTexts);
  return typeof part.content === 'string' && String(part.getTransferEncoding()) in WRITERS;
}

/** The message as SMTP sends it, without the doubling of dots. */
function textOf(part: Part): string {
  // This also chooses the boundary.
  const headers = part.buildHeaders();
  const { boundary, childNodes } = part;
  if (childNodes.length === 0) return `${headers}\r\n\r\n${contentOf(part)}`;
  const parts = childNodes.map((child) => `--${boundary}\r\n${textOf(child)}\r\n`);
  return `${headers}\r\n\r\n${parts.join('')}--${boundary}--\r\n`;
}

function contentOf(part: Part): string {
  return WRITERS[String(part.getTransferEncoding())]?.(String(part.content)) ?? '';
}

function streamOf(text: string): Readable {
  return new Readable({
    read() {
      this.push(text, 'utf8');
      this.push(null);
    },
  });
}

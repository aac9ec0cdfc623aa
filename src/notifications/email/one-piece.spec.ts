import { generateKeyPairSync } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { createTransport } from 'nodemailer';
import type Mail from 'nodemailer/lib/mailer';
import { describe, expect, it } from 'vitest';
import { sendInOnePiece } from './one-piece.js';

const FIXED = {
  from: 'MINGUS <hello@mingus.test>',
  to: { name: 'Ada Lovelace', address: 'ada@example.com' },
  messageId: '<1@mingus.test>',
  date: new Date('2027-01-15T08:00:00Z'),
  baseBoundary: 'b',
  textEncoding: 'quoted-printable',
} as const;

/** The message that a transport writes. */
async function written(mail: Mail.Options, isInOnePiece: boolean, options: object = {}): Promise<string> {
  const transport = createTransport({ streamTransport: true, ...options });
  if (isInOnePiece) transport.use('stream', sendInOnePiece as unknown as Mail.PluginFunction);
  const { message } = await transport.sendMail({ ...FIXED, ...mail });
  return (await buffer(message as NodeJS.ReadableStream)).toString();
}

/** Quoted-printable may break a long line at any place. */
function withoutSoftBreaks(message: string): string {
  return message.replaceAll('=\r\n', '');
}

const textParts = fc.constantFrom('a', 'b ', '\n', '\r\n', '.', '=', 'é', '😀', 'x'.repeat(75), '\t', '\r');
const texts = fc.array(textParts, { minLength: 1, maxLength: 100 }).map((parts) => parts.join(''));

describe('a message in one piece', () => {
  it('has the content that nodemailer writes', async () => {
    await fc.assert(
      fc.asyncProperty(texts, texts, async (text, html) => {
        const mail = { subject: 'Welcome', text, html };
        expect(withoutSoftBreaks(await written(mail, true))).toBe(
          withoutSoftBreaks(await written(mail, false)),
        );
      }),
    );
  });

  it('is signed', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const dkim = { domainName: 'mingus.test', keySelector: 's', privateKey: key };
    const mail = { subject: 'Welcome', text: 'Hello', html: '<p>Hello</p>' };
    const bodyHashOf = (message: string) => /bh=([^;]+);/.exec(message)?.[1];

    const ours = await written(mail, true, { dkim });

    expect(bodyHashOf(ours)).toBeDefined();
    expect(bodyHashOf(ours)).toBe(bodyHashOf(await written(mail, false, { dkim })));
  });

  it.each([
    ['with a file', { text: 'Hello', html: '<p>Hello</p>', attachments: [{ content: 'a', filename: 'a' }] }],
    ['of a single text', { text: 'Hello' }],
  ])('is not made of one %s', async (_, mail) => {
    expect(await written(mail, true)).toBe(await written(mail, false));
  });
});

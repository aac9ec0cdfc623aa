import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import type { MailSink } from './mail-sink.js';

/**
 * Measures the cost of sending alone: nodemailer's pool with the service's number of connections sends
 * messages with the service's content.
 * @returns messages per second
 */
export async function measureBareLoop(sink: MailSink, connections: number, count: number): Promise<number> {
  const samples = await Promise.all(sink.accepted.flatMap(({ raw }) => (raw ? [simpleParser(raw)] : [])));
  const transport = createTransport({
    pool: true,
    host: '127.0.0.1',
    port: sink.port,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
  });
  const before = sink.accepted.length;
  let sent = 0;
  const sendOn = async () => {
    while (sent < count) {
      const { from, subject, html, text } = samples[sent % samples.length] ?? {};
      sent += 1;
      const to = { name: 'Ada Lovelace', address: `ada.${sent}@example.com` };
      await transport.sendMail({ from: from?.text, to, subject, html: html || undefined, text });
    }
  };
  await Promise.all(Array.from({ length: connections }, sendOn));
  await sink.until(before + count);
  transport.close();
  return sink.rateSince(before);
}

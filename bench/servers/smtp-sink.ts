import { SMTPServer } from 'smtp-server';

/** An accepted message: its Message-ID and its time (ms since the epoch). */
export interface AcceptedMail {
  messageId: string;
  at: number;
  /** The whole message, for the first few. */
  raw?: string;
}

const SAMPLES = 3;

const MESSAGE_ID = /^Message-ID: <([^>]+)>/im;

/** A mail server that accepts everything on the given port and reports each message to its parent process. */
let accepted = 0;
const port = Number(process.argv[2]);
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  logger: false,
  onData: (stream, _session, callback) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const raw = Buffer.concat(chunks);
      const messageId = MESSAGE_ID.exec(raw.subarray(0, 4096).toString())?.[1] ?? '';
      accepted += 1;
      process.send?.({
        messageId,
        at: Date.now(),
        ...(accepted <= SAMPLES ? { raw: raw.toString() } : {}),
      } satisfies AcceptedMail);
      callback();
    });
  },
});
server.on('error', () => undefined);
server.listen(port, '127.0.0.1', () => process.send?.('listening'));
process.on('disconnect', () => process.exit());

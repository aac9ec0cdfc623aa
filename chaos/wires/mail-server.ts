import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { findFreePort } from '../../src/platform/development/free-port.js';
import type { Trap } from '../faults/trap.js';

/** Message-IDs of all messages accepted by any of the mail servers, in the order of arrival. */
export type MailLog = string[];

const MESSAGE_ID = /^Message-ID:\s*<([^>]+)>/im;
const HEAD_MAX = 8192;

/** A real SMTP server for one process. It records what it accepts, and can hold the process at a step. */
export class MailServer {
  private constructor(
    readonly port: number,
    private readonly server: SMTPServer,
  ) {}

  static async start(log: MailLog, trap: Trap): Promise<MailServer> {
    const port = await findFreePort();
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      closeTimeout: 500,
      onData: (stream, _session, accept) => {
        // The transaction stays open: the process is killed here.
        if (trap.isAt('DATA', 'before')) return trap.spring();
        readMessageId(stream).then((messageId) => {
          log.push(messageId);
          if (trap.isAt('250', 'before')) return trap.spring();
          accept();
          if (trap.isAt('250', 'after')) trap.spring();
        }, accept);
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      server.listen(port, '127.0.0.1', resolve);
    });
    return new MailServer(port, server);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}

async function readMessageId(stream: SMTPServerDataStream): Promise<string> {
  let head = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (head.length < HEAD_MAX) head += chunk.toString('latin1');
  }
  const messageId = MESSAGE_ID.exec(head)?.[1];
  if (!messageId) throw new Error('The message has no Message-ID');
  // A copy, because a match of a regular expression keeps the whole text in memory.
  return Buffer.from(messageId).toString();
}

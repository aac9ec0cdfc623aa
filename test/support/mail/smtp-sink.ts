import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { findFreePort } from '../free-port.js';

/** A message the sink accepted. */
export interface SunkMail {
  /** Envelope recipients. */
  recipients: string[];
  mail: ParsedMail;
}

/** A handler returns this error to make the server answer with the code. */
export function smtpReply(code: number): Error & { responseCode: number } {
  return Object.assign(new Error('Scripted'), { responseCode: code });
}

export interface SmtpSinkOptions extends SMTPServerOptions {
  /** Decides about a complete message before the answer: an error refuses it, a promise holds it. */
  onMessage?: (recipients: string[]) => Error | null | Promise<Error | null>;
}

/** A real SMTP server that keeps the messages it accepts. Handlers add faults. */
export class SmtpSink {
  readonly mails: SunkMail[] = [];

  private constructor(
    readonly port: number,
    private readonly server: SMTPServer,
  ) {}

  static async start(
    { onMessage = () => null, ...handlers }: SmtpSinkOptions = {},
    port?: number,
  ): Promise<SmtpSink> {
    const listenOn = port ?? (await findFreePort());
    const sink: SmtpSink = new SmtpSink(
      listenOn,
      new SMTPServer({
        authOptional: true,
        disabledCommands: ['STARTTLS'],
        logger: false,
        closeTimeout: 500,
        onData: (stream, session, callback) => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          simpleParser(stream, async (broken, mail) => {
            const error = broken ?? (await onMessage(recipients));
            if (!error) sink.mails.push({ recipients, mail });
            callback(error);
          });
        },
        ...handlers,
      }),
    );
    sink.server.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      sink.server.listen(listenOn, '127.0.0.1', resolve);
    });
    return sink;
  }

  /** Messages for one address. */
  to(address: string): SunkMail[] {
    return this.mails.filter(({ recipients }) => recipients.includes(address));
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}

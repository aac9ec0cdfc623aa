import type { Readable } from 'node:stream';

/**
 * How far the dialogue with the mail server got: no session yet, the envelope being told, the message on its
 * way, all of it written. Once all is written and the server has not answered, it may have the message.
 */
export type SmtpPhase = 'connect' | 'envelope' | 'data' | 'data_sent';

/** Follows the dialogue about one message. nodemailer's errors do not tell: a lost connection is `CONN` always. */
export class SmtpDialogue {
  phase: SmtpPhase = 'connect';

  /** Told that a session is up, with the message to be read once the server wants it. */
  follow(message: Readable): Readable {
    this.phase = 'envelope';
    message.once('resume', () => {
      this.phase = 'data';
    });
    message.once('end', () => {
      this.phase = 'data_sent';
    });
    return message;
  }
}

/** A mail as nodemailer's plugins see it. */
interface CompiledMail {
  data: { dialogue?: SmtpDialogue };
  message: { createReadStream: (options?: object) => Readable };
}

/** nodemailer plugin: it asks for the message's stream when a session is up, and reads it after the 354. */
export function followDialogue({ data: { dialogue }, message }: CompiledMail, done: () => void): void {
  if (dialogue) {
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (options) => dialogue.follow(createReadStream(options));
  }
  done();
}

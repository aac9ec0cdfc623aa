import type { Readable } from 'node:stream';
import type MailMessage from 'nodemailer/lib/mailer/mail-message.js';
import type { AttemptPhase } from '../notification-attempt.entity.js';

/**
 * Follows the SMTP dialogue about one message. nodemailer's errors do not show the phase: a lost connection
 * is always `CONN`.
 */
export class SmtpDialogue {
  phase: AttemptPhase = 'connect';

  /** The message is sent over another session. */
  restart(): void {
    this.phase = 'connect';
  }

  /** Called when a session is open. The message is read when the server asks for it. */
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

/**
 * A nodemailer plugin. nodemailer asks for the message's stream when a session is open, and reads it after
 * the 354.
 */
export function followDialogue({ data, message }: MailMessage, done: () => void): void {
  const { dialogue } = data as { dialogue?: SmtpDialogue };
  if (dialogue) {
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (options) => dialogue.follow(createReadStream(options));
  }
  done();
}

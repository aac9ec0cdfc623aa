import { Injectable } from '@nestjs/common';
import { MailerService } from '@nestjs-modules/mailer';
import pLimit from 'p-limit';
import { AppConfig } from '../../platform/config/app-config.js';
import { displayName } from '../messages/display-name.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';

const VERIFY_EVERY_MS = 15_000;

/** The one way out for mail. Never more sends at once than the SMTP pool has connections. */
@Injectable()
export class MailSender {
  private readonly domain: string;
  private readonly limit: ReturnType<typeof pLimit>;
  private verified: { at: number; result: Promise<boolean> } | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly mailer: MailerService,
  ) {
    this.domain = /@([^\s>]+)>?$/.exec(config.mail.from)?.[1] ?? 'localhost';
    this.limit = pLimit(config.mail.maxConnections);
  }

  /** Runs `work` when a connection is free. */
  whenFree<T>(work: () => Promise<T>): Promise<T> {
    return this.limit(work);
  }

  /**
   * Hands a message to the mail server. The Message-ID is the notification's, so repeats are
   * recognisable; the recipient is an object, because a name such as `victim@x.test, Eve` in a string
   * would add a recipient.
   * @throws nodemailer's error when the server did not accept it
   */
  async send(notificationId: string, to: { name: string | null; address: string }, message: RenderedMessage) {
    await this.mailer.sendMail({
      from: this.config.mail.from,
      to: { name: displayName(to.name) ?? '', address: to.address },
      subject: message.subject,
      html: message.html,
      text: message.text,
      messageId: `<${notificationId}@${this.domain}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }

  /** Whether the mail server can be reached and lets us in; asked at most every 15 s. */
  isReachable(): Promise<boolean> {
    if (!this.verified || Date.now() - this.verified.at > VERIFY_EVERY_MS) {
      const result = this.mailer.verifyAllTransporters().catch(() => false);
      this.verified = { at: Date.now(), result };
    }
    return this.verified.result;
  }
}

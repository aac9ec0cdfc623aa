import { setTimeout as sleep } from 'node:timers/promises';
import { domainToASCII } from 'node:url';
import { Injectable } from '@nestjs/common';
import { MailerService } from '@nestjs-modules/mailer';
import { AppConfig } from '../../platform/config/app-config.js';
import { traced } from '../../platform/tracing/tracing.js';
import { displayName } from '../messages/display-name.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import type { SmtpDialogue } from './smtp-dialogue.js';
import { SmtpOffers } from './smtp-offers.js';

const VERIFY_EVERY_MS = 15_000;

/** The one way out for mail. */
@Injectable()
export class MailSender {
  private readonly domain: string;
  private verified: { at: number; result: Promise<boolean> } | null = null;

  constructor(
    private readonly config: AppConfig,
    private readonly mailer: MailerService,
    private readonly offers: SmtpOffers,
  ) {
    this.domain = domainToASCII(/@([^\s>]+)>?$/.exec(config.mail.from)?.[1] ?? '') || 'localhost';
  }

  /**
   * Hands a message to the mail server. The recipient is an object, because a name such as
   * `victim@x.test, Eve` in a string would add a recipient.
   * @param mailId becomes the Message-ID, so that repeats are recognisable
   * @throws nodemailer's error when the server did not accept it
   */
  async send(
    mailId: string,
    to: { name: string | null; address: string },
    message: Pick<RenderedMessage, 'subject' | 'html' | 'text' | 'unsubscribeUrl'>,
    dialogue: SmtpDialogue,
  ): Promise<void> {
    const mail = {
      from: this.config.mail.from,
      to: { name: displayName(to.name) ?? '', address: to.address },
      subject: message.subject,
      html: message.html,
      text: message.text,
      // Else each text is counted through for the shorter one; ours are nearly all Latin.
      textEncoding: 'quoted-printable' as const,
      messageId: `<${mailId}@${this.domain}>`,
      headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribeHeaders(message.unsubscribeUrl) },
      dialogue,
      ...this.bounceTo(mailId, to.address),
    };
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), this.config.mail.timeoutMs);
    const attributes = { 'server.address': this.config.mail.host, mailId };
    await traced('smtp send', { kind: 'CLIENT', attributes }, () =>
      this.mailer.sendMail({ ...mail, signal: overdue.signal }),
    ).finally(() => clearTimeout(timer));
  }

  /** Bounces come back to an address of the message's own. */
  private bounceTo(mailId: string, to: string): { envelope?: { from: string; to: string } } {
    const { bounceAddress } = this.config.mail;
    return bounceAddress ? { envelope: { from: bounceAddress.replace('@', `+${mailId}@`), to } } : {};
  }

  /**
   * Whether the server takes addresses whose local part is not ASCII (SMTPUTF8).
   * @throws when no session comes about in the time of a delivery
   */
  async takesUtf8Addresses(): Promise<boolean> {
    // A server that could not may have learnt it since.
    if (!this.offers.smtpUtf8) await this.inTime(this.mailer.getTransporter().verify());
    return this.offers.smtpUtf8 === true;
  }

  /** Whether the mail server can be reached and lets us in; asked at most every 15 s. */
  isReachable(): Promise<boolean> {
    if (!this.verified || Date.now() - this.verified.at > VERIFY_EVERY_MS) {
      const result = this.inTime(this.mailer.verifyAllTransporters()).catch(() => false);
      this.verified = { at: Date.now(), result };
    }
    return this.verified.result;
  }

  /** A check cannot be aborted as a mail can: it is no longer waited for. */
  private async inTime<T>(check: Promise<T>): Promise<T> {
    const timer = new AbortController();
    const overdue = sleep(this.config.mail.timeoutMs, null, { signal: timer.signal }).then(() => {
      throw new Error('The mail server does not end its answer');
    });
    return Promise.race([check, overdue]).finally(() => timer.abort());
  }
}

/** One click in the mail program (RFC 8058), which only exists over https. */
function unsubscribeHeaders(url: string | null): Record<string, string> {
  if (!url?.startsWith('https:')) return {};
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { domainToASCII } from 'node:url';
import { Inject, Injectable } from '@nestjs/common';
import { BrandSettings } from '../../platform/brand/brand.settings.js';
import { MailSettings } from './mail.settings.js';
import { taggedAddress } from '../../platform/tagged-address.js';
import { traced } from '../../platform/tracing/tracing.js';
import { displayName } from '../messages/display-name.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { MAIL_TRANSPORT, type MailTransport } from './mail-transport.js';
import type { SmtpDialogue } from './smtp-dialogue.js';
import { SmtpOffers } from './smtp-offers.js';
import { SmtpSessions } from './smtp-sessions.js';

const VERIFY_EVERY_MS = 15_000;

/** Sends all mail. */
@Injectable()
export class MailSender {
  private readonly domain: string;
  private readonly sessions: SmtpSessions;
  private verified: { at: number; result: Promise<boolean> } | null = null;

  constructor(
    private readonly settings: MailSettings,
    private readonly brand: BrandSettings,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport,
    private readonly offers: SmtpOffers,
  ) {
    this.domain = domainToASCII(/@([^\s>]+)>?$/.exec(brand.sender)?.[1] ?? '') || 'localhost';
    this.sessions = new SmtpSessions(settings, transport);
  }

  /**
   * Hands a message to the mail server. The recipient is an object, because a name such as `victim@x.test,
   * Eve` in a string would add a recipient.
   * @param mailId becomes the Message-ID, so that repeats are recognisable
   * @throws nodemailer's error if the server did not accept the message
   */
  async send(
    mailId: string,
    to: { name: string | null; address: string },
    message: Pick<RenderedMessage, 'subject' | 'html' | 'text' | 'unsubscribeUrl'>,
    dialogue: SmtpDialogue,
  ): Promise<void> {
    const mail = {
      from: this.brand.sender,
      to: { name: displayName(to.name) ?? '', address: to.address },
      subject: message.subject,
      html: message.html,
      text: message.text,
      // Without this, nodemailer counts the characters of each text to choose an encoding. Our texts are
      // nearly all Latin.
      textEncoding: 'quoted-printable' as const,
      messageId: `<${mailId}@${this.domain}>`,
      headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribeHeaders(message.unsubscribeUrl) },
      dialogue,
      ...this.bounceTo(mailId, to.address),
    };
    const overdue = new AbortController();
    const timer = setTimeout(() => overdue.abort(), this.settings.timeoutMs);
    const attributes = { 'server.address': this.settings.host, mailId };
    await traced('smtp send', { kind: 'CLIENT', attributes }, () =>
      this.sessions.over(() => this.transport.sendMail({ ...mail, signal: overdue.signal }), dialogue),
    ).finally(() => clearTimeout(timer));
  }

  /** Bounces go to an address that identifies the message. */
  private bounceTo(mailId: string, to: string): { envelope?: { from: string; to: string } } {
    const { bounceAddress } = this.settings;
    return bounceAddress ? { envelope: { from: taggedAddress(bounceAddress, mailId), to } } : {};
  }

  /**
   * Whether the server accepts addresses whose local part is not ASCII (SMTPUTF8).
   * @throws if no session opens within the time of a delivery
   */
  async takesUtf8Addresses(): Promise<boolean> {
    // A server without SMTPUTF8 may have been updated since.
    if (!this.offers.smtpUtf8) await this.inTime(this.verify());
    return this.offers.smtpUtf8 === true;
  }

  /** Whether the mail server is reachable and accepts the login. Checked at most every 15 s. */
  isReachable(): Promise<boolean> {
    if (!this.verified || Date.now() - this.verified.at > VERIFY_EVERY_MS) {
      const result = this.inTime(this.verify()).catch(() => false);
      this.verified = { at: Date.now(), result };
    }
    return this.verified.result;
  }

  private verify(): Promise<boolean> {
    return this.sessions.over(() => this.transport.verify());
  }

  /** A check cannot be aborted as a mail can, so this stops waiting for it. */
  private async inTime<T>(check: Promise<T>): Promise<T> {
    const timer = new AbortController();
    const overdue = sleep(this.settings.timeoutMs, null, { signal: timer.signal }).then(() => {
      throw new Error('The mail server did not answer in time');
    });
    return Promise.race([check, overdue]).finally(() => timer.abort());
  }
}

/** The headers for one-click unsubscribing in the mail program (RFC 8058), which requires https. */
function unsubscribeHeaders(url: string | null): Record<string, string> {
  if (!url?.startsWith('https:')) return {};
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
}

import Handlebars from 'handlebars';
import type { MailSender } from '../../../notifications/email/mail-sender.service.js';
import { SmtpDialogue } from '../../../notifications/email/smtp-dialogue.js';
import { type AlertNotice, type AlertRoute, headlineOf, linesOf } from './alert-route.js';

/** A mail in plain text, readable on any screen. */
export class EmailRoute implements AlertRoute {
  readonly name = 'email';

  constructor(
    private readonly sender: MailSender,
    private readonly address: string,
  ) {}

  async send(notice: AlertNotice): Promise<void> {
    const lines = linesOf(notice);
    const message = {
      subject: headlineOf(notice),
      text: lines.join('\n'),
      html: lines.map((line) => `<p>${Handlebars.escapeExpression(line)}</p>`).join(''),
      unsubscribeUrl: null,
    };
    await this.sender.send(notice.id, { name: null, address: this.address }, message, new SmtpDialogue());
  }
}

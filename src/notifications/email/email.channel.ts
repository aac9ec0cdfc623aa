import { Injectable } from '@nestjs/common';
import { needsSmtpUtf8 } from '../../platform/mail-address.js';
import { mailIdOf } from '../../platform/tagged-address.js';
import {
  type Attempt,
  DeliversChannel,
  type NotificationChannel,
  type Recipient,
} from '../channels/notification-channel.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { classifyMailFault } from './mail-fault.js';
import { MailSender } from './mail-sender.service.js';
import { MailSettings } from './mail.settings.js';
import { SmtpDialogue } from './smtp-dialogue.js';

/** Delivers messages by mail. */
@Injectable()
@DeliversChannel('email')
export class EmailChannel implements NotificationChannel {
  readonly concurrency: number;

  constructor(
    private readonly sender: MailSender,
    { maxConnections }: MailSettings,
  ) {
    this.concurrency = maxConnections;
  }

  async send(recipient: Recipient, message: RenderedMessage): Promise<Attempt> {
    const { notificationId, resends, name, email: address } = recipient;
    const dialogue = new SmtpDialogue();
    try {
      if (needsSmtpUtf8(address) && !(await this.sender.takesUtf8Addresses())) {
        return { outcome: 'refused', reason: 'smtputf8_not_offered', phase: 'connect' };
      }
      // Retries share one Message-ID. A resend has its own, because mailboxes hide a copy.
      await this.sender.send(mailIdOf(notificationId, resends), { name, address }, message, dialogue);
      return { outcome: 'accepted', smtpCode: 250, phase: dialogue.phase };
    } catch (error) {
      return classifyMailFault(error, dialogue.phase);
    }
  }
}

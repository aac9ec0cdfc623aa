import { Injectable } from '@nestjs/common';
import { type Attempt, DeliversChannel, type NotificationChannel } from '../channels/notification-channel.js';
import type { Delivery } from '../delivery/delivery.queries.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { needsSmtpUtf8 } from './mailbox.js';
import { classifyMailFault } from './mail-fault.js';
import { MailSender } from './mail-sender.service.js';
import { SmtpDialogue } from './smtp-dialogue.js';

@Injectable()
@DeliversChannel('email')
export class EmailChannel implements NotificationChannel {
  constructor(private readonly sender: MailSender) {}

  async send(delivery: Delivery, message: RenderedMessage): Promise<Attempt> {
    const { name, email } = delivery;
    const dialogue = new SmtpDialogue();
    try {
      if (needsSmtpUtf8(email) && !(await this.sender.takesUtf8Addresses())) {
        return { outcome: 'refused', reason: 'smtputf8_not_offered', phase: 'connect' };
      }
      await this.sender.send(mailIdOf(delivery), { name, address: email }, message, dialogue);
      return { outcome: 'accepted', smtpCode: 250, phase: dialogue.phase };
    } catch (error) {
      return classifyMailFault(error, dialogue.phase);
    }
  }
}

/** Retries of what may have arrived are one mail; what an operator sends again is not: mailboxes hide a copy. */
function mailIdOf({ id, resends }: Delivery): string {
  return resends === 0 ? id : `${id}.${resends}`;
}

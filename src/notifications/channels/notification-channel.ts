import { DiscoveryService } from '@nestjs/core';
import type { Verdict } from '../evidence/refusal.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import type { NotificationAttempt } from '../notification-attempt.entity.js';
import type { ChannelName, NotificationKind } from '../notification-kind.js';

/** How one attempt ended. */
export type Attempt = Pick<NotificationAttempt, 'outcome'> &
  Partial<Pick<NotificationAttempt, 'smtpCode' | 'enhancedCode' | 'errorCode' | 'phase'>> & {
    /** A word for the reason of the refusal, if more is known than the codes say. */
    reason?: string;
    /** What a refusal says about the address. Missing if no mail system refused the message. */
    verdict?: Verdict;
    /** The channel failed after the recipient was named. Perhaps only the recipient's domain refuses our mail. */
    recipientWasNamed?: true;
  };

/** The recipient of a message, and the message's id. */
export interface Recipient {
  notificationId: string;
  kind: NotificationKind;
  /** How often an operator has sent the message again. */
  resends: number;
  userId: string;
  name: string | null;
  email: string;
}

/** A way to reach a customer. */
export interface NotificationChannel {
  /** How many messages it sends at a time. */
  readonly concurrency: number;

  /** Makes one attempt. A failure is an outcome; the delivery engine decides what it means for the message. */
  send(recipient: Recipient, message: RenderedMessage): Promise<Attempt>;
}

/** Marks the one provider that delivers through a channel: `@DeliversChannel('email')`. */
export const DeliversChannel = DiscoveryService.createDecorator<ChannelName>();

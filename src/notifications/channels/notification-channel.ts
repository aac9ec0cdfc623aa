import { DiscoveryService } from '@nestjs/core';
import type { Delivery } from '../delivery/delivery.queries.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import type { NotificationAttempt } from '../notification-attempt.entity.js';
import type { ChannelName } from '../notification-kind.js';

/** What came of one try to hand a message over. */
export type Attempt = Pick<NotificationAttempt, 'outcome'> &
  Partial<Pick<NotificationAttempt, 'smtpCode' | 'enhancedCode' | 'errorCode' | 'phase'>> & {
    /** Why it was refused, in one word, where that is known better than by the codes. */
    reason?: string;
    /** Nothing will ever arrive at this address: it is to be suppressed. */
    addressIsGone?: true;
  };

/** A way to reach a customer. */
export interface NotificationChannel {
  /** Tries once. A failure is an outcome; what it means for the message is decided elsewhere. */
  send(delivery: Delivery, message: RenderedMessage): Promise<Attempt>;
}

/** Marks the one provider that delivers through a channel: `@DeliversChannel('email')`. */
export const DeliversChannel = DiscoveryService.createDecorator<ChannelName>();

import { Injectable, Logger } from '@nestjs/common';
import { MessageLinks } from '../../platform/message-links/message-links.service.js';
import type { Attempt } from '../channels/notification-channel.js';
import { NotificationChannels } from '../channels/notification-channels.service.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { MessageRenderer } from '../messages/message-renderer.service.js';
import type { Delivery } from './delivery.queries.js';

/** The two halves of an attempt: a message is written, with links of its own, and handed to its channel. */
@Injectable()
export class DeliveryAttempts {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly links: MessageLinks,
    private readonly renderer: MessageRenderer,
    private readonly channels: NotificationChannels,
  ) {}

  /** Null when its template throws; that is logged. @throws for the database alone */
  async write(delivery: Delivery): Promise<RenderedMessage | null> {
    const { id: notificationId, kind, channel, customer_id: customerId, email } = delivery;
    const links = await this.links.of({ customerId, email, kind, channel });
    try {
      return await this.renderer.render(kind, delivery, links);
    } catch (error) {
      this.logger.error({ event: 'message not rendered', notificationId, error });
      return null;
    }
  }

  /** @param message null where there is none */
  async send(delivery: Delivery, message: RenderedMessage | null): Promise<Attempt> {
    if (!message) return { outcome: 'render_failed' };
    return this.channels.get(delivery.channel).send(delivery, message);
  }
}

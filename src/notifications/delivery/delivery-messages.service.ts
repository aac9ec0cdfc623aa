import { Injectable, Logger } from '@nestjs/common';
import { MessageLinks } from '../../platform/message-links/message-links.service.js';
import type { RenderedMessage } from '../messages/message-composer.service.js';
import { MessageRenderer } from '../messages/message-renderer.service.js';
import type { Delivery } from './delivery.queries.js';

/** Writes the message of one attempt, with links of its own. */
@Injectable()
export class DeliveryMessages {
  private readonly logger = new Logger('notifications');

  constructor(
    private readonly links: MessageLinks,
    private readonly renderer: MessageRenderer,
  ) {}

  /** Null when its template throws; that is logged. @throws for the database alone */
  async write(delivery: Delivery): Promise<RenderedMessage | null> {
    const { id: notificationId, kind, customer_id: customerId } = delivery;
    const links = await this.links.of({ customerId, kind });
    try {
      return await this.renderer.render(kind, delivery, links);
    } catch (error) {
      this.logger.error({ event: 'message not rendered', notificationId, error });
      return null;
    }
  }
}

import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { inTransaction } from '../../platform/database/transaction.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { StripeCustomers } from '../fetching/stripe-customers.service.js';
import { toReceivedEvent } from '../inbox-row.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { WebhookMetrics } from '../intake/webhook-metrics.js';
import { WebhookEvent } from '../webhook-event.entity.js';
import type { EventLinkDto } from './event-link.dto.js';
import { assertLinkable, EventLinker } from './event-linker.service.js';
import { WaitingEvents } from '../waiting/waiting-events.service.js';

/** Links an event that waits for a user, and lets what else waits for its customer follow. */
@Injectable()
export class EventLinksService {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly linker: EventLinker,
    private readonly waiting: WaitingEvents,
    private readonly customers: StripeCustomers,
    private readonly metrics: WebhookMetrics,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Each event in a transaction of its own, so that fresh ones about the customer wait for none but a short
   * one; what was not reached can be linked, or replayed, again.
   * @throws DomainError webhook_event_not_found, event_not_linkable, body_not_kept, user_not_found,
   *   customer_exists, stripe_unavailable
   */
  async link(stripeEventId: string, userId: string): Promise<EventLinkDto> {
    const row = await this.dataSource.manager.findOneBy(WebhookEvent, { stripeEventId });
    if (!row) throw new DomainError('webhook_event_not_found', `No webhook event ${stripeEventId}`);
    assertLinkable(row);
    const received = await this.receive(row);
    const { customerId, ...link } = await inTransaction(this.dataSource, (manager) =>
      this.linker.link(manager, received, userId),
    );
    this.metrics.recordEvent(row.type, link.outcome, link.errorCode);
    this.logger.log({ event: 'event linked', stripeEventId, type: row.type, outcome: link.outcome });
    return { ...link, waiting: customerId ? await this.waiting.decideAbout(row) : [] };
  }

  /** As it was received; a thin event with its customer as it is in Stripe now. */
  private async receive(row: WebhookEvent): Promise<ReceivedEvent> {
    const { stripeEventId } = row;
    const received = toReceivedEvent(row);
    if (!received) throw new DomainError('body_not_kept', `The body of ${stripeEventId} is not kept`);
    if (!received.relatedObject) return received;
    const fetched = await this.customers.fetchFor(row).catch((error: unknown) => {
      this.logger.error({ event: 'object not fetched', stripeEventId, error });
      return null;
    });
    if (fetched) return fetched;
    throw new DomainError('stripe_unavailable', `The customer of ${stripeEventId} could not be fetched`);
  }
}

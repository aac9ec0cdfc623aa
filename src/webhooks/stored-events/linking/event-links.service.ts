import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { WebhookEventLinked } from '../../../events/webhooks/webhook-event-linked.event.js';
import { inTransaction } from '../../../platform/database/transaction.js';
import { DomainError } from '../../../platform/http/domain-error.js';
import { customerKey } from '../../decision/known-state.js';
import { toReceivedEvent } from '../../inbox/inbox-row.js';
import { type Redecided, Redecision, type StoredEvent } from '../../inbox/redecision.service.js';
import { WebhookEvent } from '../../inbox/webhook-event.entity.js';
import { WebhookMetrics } from '../../inbox/webhook-metrics.js';
import { LINKABLE_OUTCOMES } from '../../stripe/event-outcome.js';
import type { ReceivedEvent } from '../../stripe/received-event.js';
import { StripeObjects } from '../fetching/stripe-objects.service.js';
import { WaitingEvents } from '../waiting/waiting-events.service.js';
import type { EventLinkDto } from './event-link.dto.js';

/**
 * Links a waiting event to a user: decides about it as if its object named the user that an operator chose.
 */
@Injectable()
export class EventLinksService {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly redecision: Redecision,
    private readonly waiting: WaitingEvents,
    private readonly objects: StripeObjects,
    private readonly metrics: WebhookMetrics,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Links the event, then decides about the other waiting events of its customer. Each has its own
   * transaction, so new events about the customer wait only briefly. An event that was not reached can be
   * linked or replayed again.
   * @throws DomainError webhook_event_not_found, event_not_linkable, body_not_kept, user_not_found,
   * customer_exists, stripe_unavailable
   */
  async link(stripeEventId: string, chosen: string): Promise<EventLinkDto> {
    const row = await this.dataSource.manager.findOneBy(WebhookEvent, { stripeEventId });
    if (!row) throw new DomainError('webhook_event_not_found', `No webhook event ${stripeEventId}`);
    assertLinkable(row);
    const received = await this.receive(row);
    const linked = await inTransaction(this.dataSource, (manager) =>
      this.redecide(manager, received, chosen),
    );
    const { outcomeBefore, outcome, errorCode, customerId, suppressedNotifications } = linked.plan;
    this.metrics.recordRedecision(row.type, outcome);
    this.logger.log({ event: 'event linked', stripeEventId, type: row.type, outcome });
    return {
      stripeEventId,
      userId: userIdOf(linked, chosen),
      outcomeBefore,
      outcome,
      errorCode,
      ...linked.effect,
      suppressedNotifications: [...suppressedNotifications],
      waiting: customerId ? await this.waiting.decideAbout(row) : [],
    };
  }

  /** Locks the row of the event, so the second of two requests that link it is refused. */
  private redecide(manager: EntityManager, received: ReceivedEvent, chosen: string): Promise<Redecided> {
    const { stripeEventId } = received;
    return this.redecision.redecide(manager, {
      stripeEventId,
      received,
      userId: chosen,
      plan: (stored) => {
        assertLinkable(stored.row);
        assertUserCanHave(stored, userIdOf(stored, chosen));
        return this.redecision.planAgain(stored);
      },
      toFact: (linked) => {
        const { outcomeBefore, outcome, customerId } = linked.plan;
        const named = { before: linked.row.mingusUserId, after: userIdOf(linked, chosen) };
        const effect = { outcomeBefore, outcome, ...linked.effect };
        return new WebhookEventLinked(stripeEventId, customerId, named, effect);
      },
    });
  }

  /** The received event. A thin event gets the present state of its customer in Stripe. */
  private async receive(row: WebhookEvent): Promise<ReceivedEvent> {
    const { stripeEventId } = row;
    const received = toReceivedEvent(row);
    if (!received) throw new DomainError('body_not_kept', `The body of ${stripeEventId} is not kept`);
    if (!received.relatedObject) return received;
    const fetched = await this.objects.fetchFor(row).catch((error: unknown) => {
      this.logger.error({ event: 'object not fetched', stripeEventId, error });
      return null;
    });
    if (fetched) return fetched;
    throw new DomainError('stripe_unavailable', `The customer of ${stripeEventId} could not be fetched`);
  }
}

/** The stored id of the user. */
function userIdOf({ event }: StoredEvent, chosen: string): string {
  return event.subject?.mingusUserId ?? chosen;
}

/** @throws DomainError event_not_linkable */
function assertLinkable({ stripeEventId, outcome }: WebhookEvent): void {
  if (LINKABLE_OUTCOMES.includes(outcome)) return;
  throw new DomainError('event_not_linkable', `Event ${stripeEventId} waits for no user: it is ${outcome}`);
}

/** @throws DomainError user_not_found, customer_exists */
function assertUserCanHave({ event: { subject }, known }: StoredEvent, userId: string): void {
  if (!subject) return;
  if (!known.users.has(userId)) throw new DomainError('user_not_found', `No user ${userId}`);
  const existing = known.customers.get(customerKey(subject));
  if (!existing || existing.userId === userId) return;
  const { stripeCustomerId } = subject;
  throw new DomainError(
    'customer_exists',
    `Customer ${stripeCustomerId} is set up already, for ${existing.userId ?? 'no user'}: link the customer instead`,
  );
}

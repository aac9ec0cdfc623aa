import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { uuidv7 } from '../platform/database/uuid.js';
import { CustomerCreated } from '../events/customer-created.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import { UnitOfWork } from '../platform/database/unit-of-work.js';
import {
  decideOutcome,
  type Decision,
  type InterpretedEvent,
  type KnownState,
} from './decision/event-decision.js';
import { originOf, toInboxRow } from './inbox-row.js';
import { nextRetryAt } from './pending-schedule.js';
import { WebhookEvent } from './webhook-event.entity.js';

/** An event's decision with the unit of work that carries it out. */
export interface EventPlan {
  decision: Decision;
  unit: UnitOfWork;
  /** The new decision about an event that was waiting for its user: its inbox row exists already. */
  redecided: WebhookEvent | null;
}

/** Decides about an event and collects what that means for the database; writes nothing. */
@Injectable()
export class EventPlanner {
  constructor(
    private readonly config: AppConfig,
    private readonly emitter: EventEmitter2,
  ) {}

  /**
   * Fills the event's unit of work: its inbox row, and for a new customer what all modules add.
   * @throws whatever a listener throws; nothing of the event must then be written
   */
  async plan(event: InterpretedEvent, known: KnownState): Promise<EventPlan> {
    const decision = decideOutcome(event, known, this.config.stripe.livemode);
    const unit = new UnitOfWork();
    if (decision.outcome === 'redelivered') return { decision, unit, redecided: null };
    const row = toInboxRow(event, decision);
    if (decision.outcome === 'created') {
      row.customerId = uuidv7();
      const { customer, user, notifiedKinds } = decision;
      const fact = new CustomerCreated(
        row.customerId,
        customer,
        user,
        originOf(event.received),
        notifiedKinds,
      );
      await this.emitter.emitAsync(CustomerCreated.eventName, fact, unit);
    }
    if (known.events.has(row.stripeEventId)) {
      return { decision, unit, redecided: decision.outcome === 'pending_user' ? null : row };
    }
    if (decision.outcome === 'pending_user') {
      const userId = decision.mingusUserId;
      const runAt = nextRetryAt(event.received.receivedAt, event.received.receivedAt) ?? undefined;
      unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
    }
    unit.insert(WebhookEvent, row);
    return { decision, unit, redecided: null };
  }
}

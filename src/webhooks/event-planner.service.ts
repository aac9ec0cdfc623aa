import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import {
  customerKey,
  decideOutcome,
  type Decision,
  type InterpretedEvent,
  type KnownCustomer,
  interpretEvent,
  type KnownState,
  type SeenEvent,
  type Verdict,
  verdict,
} from './decision/event-decision.js';
import type { Refusal } from './decision/event-outcome.js';
import { EventHandlers } from './handlers/event-handlers.service.js';
import type { ReceivedEvent } from './intake/received-event.js';
import { toInboxRow } from './inbox-row.js';
import { nextRetryAt } from './pending-schedule.js';
import { WebhookEvent } from './webhook-event.entity.js';

/** An event's decision with the unit of work that carries it out. */
export interface EventPlan {
  decision: Decision;
  unit: UnitOfWork;
}

/** Decides about an event and collects what that means for the database; writes nothing. */
@Injectable()
export class EventPlanner {
  constructor(
    private readonly config: AppConfig,
    private readonly handlers: EventHandlers,
    private readonly emitter: EventEmitter2,
  ) {}

  interpret(received: ReceivedEvent): InterpretedEvent {
    return interpretEvent(received, this.handlers.of(received.type));
  }

  /**
   * Fills the event's unit of work: its inbox row, and what all modules add to the facts.
   * @param refusal decides about the event instead of its content
   * @throws whatever a listener throws; nothing of the event must then be written
   */
  async plan(event: InterpretedEvent, known: KnownState, refusal?: Refusal): Promise<EventPlan> {
    const decision = this.decide(event, known, refusal);
    if (decision.outcome === 'redelivered') return { decision, unit: new UnitOfWork() };
    return this.carryOut(event, decision, known);
  }

  /**
   * Decides anew about an event, whatever has been decided about it before. Its inbox row follows where the
   * outcome differs.
   */
  async replan(
    event: InterpretedEvent,
    known: KnownState,
    refusal?: Refusal,
  ): Promise<{ decision: Verdict; unit: UnitOfWork }> {
    const decision = this.decide(event, { ...known, events: new Map() }, refusal);
    return this.carryOut(event, decision as Verdict, known);
  }

  private decide(event: InterpretedEvent, known: KnownState, refusal?: Refusal): Decision {
    if (refusal) return verdict('rejected', { refusal });
    return decideOutcome(event, known, this.config.stripe.livemode);
  }

  private async carryOut(
    event: InterpretedEvent,
    decision: Verdict,
    known: KnownState,
  ): Promise<{ decision: Verdict; unit: UnitOfWork }> {
    const unit = new UnitOfWork();
    for (const fact of decision.facts) await this.emitter.emitAsync(fact.eventName, fact, unit);
    const row = toInboxRow(event, decision);
    row.customerId ??= storedCustomerOf(event, known)?.id ?? null;
    if (isAboutErased(event, known))
      Object.assign(row, { body: null, errorMessage: null, mingusUserId: null });
    this.recordDecision(row, known.events.get(row.stripeEventId), unit);
    if (setsUpAwaited(event, decision, known)) decideWaiting(row.stripeEventId, new Date(), unit);
    if (decision.needsRefresh) refreshLater(row.stripeEventId, decision, unit);
    return { decision, unit };
  }

  /**
   * Like {@link plan} for an event with a final outcome whose object has been fetched again: what is new goes
   * to the listeners, the inbox row stays as it is.
   */
  async planRefresh(event: InterpretedEvent, known: KnownState): Promise<UnitOfWork> {
    const unit = new UnitOfWork();
    const decision = decideOutcome(event, { ...known, events: new Map() }, this.config.stripe.livemode);
    if (decision.outcome === 'redelivered') return unit;
    if (decision.needsRefresh) refreshLater(event.received.stripeEventId, decision, unit);
    if (decision.outcome !== 'updated' && decision.outcome !== 'deleted') return unit;
    for (const fact of decision.facts) await this.emitter.emitAsync(fact.eventName, fact, unit);
    return unit;
  }

  /** @param seen what was decided about the event before: its inbox row exists already */
  private recordDecision(row: WebhookEvent, seen: SeenEvent | undefined, unit: UnitOfWork): void {
    const { stripeEventId, outcome, errorCode, receivedAt, decidedAt } = row;
    if (outcome === 'fetching') {
      unit.enqueue('fetch-stripe-object', { stripeEventId }, { key: `fetch:${stripeEventId}` });
    }
    if (seen?.outcome === outcome) return;
    if (seen) unit.updateOne(WebhookEvent, { stripeEventId, outcome: seen.outcome }, toDecided(row));
    else unit.insert(WebhookEvent, row);
    if (outcome === 'pending_user') this.scheduleRetry(row, seen ? decidedAt : receivedAt, unit);
    if (errorCode === 'object_deleted') this.scheduleRefresh(row, unit);
    // What a creation tells is never newer than what is stored.
    if (outcome === 'unmatched' && row.type !== 'customer.created')
      decideWaiting(stripeEventId, afterOverlap(decidedAt), unit);
  }

  private scheduleRetry({ mingusUserId, receivedAt }: WebhookEvent, now: Date, unit: UnitOfWork): void {
    const userId = mingusUserId as string;
    const runAt = nextRetryAt(receivedAt, now);
    if (runAt) unit.enqueue('resolve-pending-events', { userId }, { runAt, key: `pending-user:${userId}` });
  }

  /**
   * A creation may be under way: it does not see this deletion, nor was the deletion decided with the customer
   * in sight. Once it must have ended, the customer is looked for again.
   */
  private scheduleRefresh({ stripeEventId, decidedAt }: WebhookEvent, unit: UnitOfWork): void {
    const runAt = afterOverlap(decidedAt);
    unit.enqueue('refresh-customer', { stripeEventId }, { runAt, key: `deletion:${stripeEventId}` });
  }
}

/** Also of a refused event. */
function storedCustomerOf({ named }: InterpretedEvent, { customers }: KnownState): KnownCustomer | undefined {
  return named ? customers.get(customerKey(named)) : undefined;
}

function isAboutErased(event: InterpretedEvent, known: KnownState): boolean {
  const isUnknownErased = event.named !== null && known.erasures.has(customerKey(event.named));
  return isUnknownErased || storedCustomerOf(event, known)?.isErased === true;
}

/** A transaction that was under way when another one committed has ended by then. */
const OVERLAP_MS = 60_000;

function afterOverlap(decidedAt: Date): Date {
  return new Date(decidedAt.getTime() + OVERLAP_MS);
}

/** Whether it makes a customer about whom other events wait for a user. */
function setsUpAwaited({ named }: InterpretedEvent, { facts }: Verdict, { waiting }: KnownState): boolean {
  const isAwaited = named !== null && waiting.has(customerKey(named));
  return isAwaited && facts.some((fact) => fact instanceof CustomerCreated);
}

/** What waits for a user, about the customer of this event, follows once that one is stored. */
function decideWaiting(stripeEventId: string, runAt: Date, unit: UnitOfWork): void {
  unit.enqueue('decide-waiting-events', { stripeEventId }, { runAt, key: `waiting:${stripeEventId}` });
}

/** By then what Stripe answers is newer for certain than any state of now, also if that one was fetched. */
const REFRESH_DELAY_MS = 3000;

function refreshLater(stripeEventId: string, { customerId }: Verdict, unit: UnitOfWork): void {
  const runAt = new Date(Date.now() + REFRESH_DELAY_MS);
  unit.enqueue('refresh-customer', { stripeEventId }, { runAt, key: `refresh:${customerId}` });
}

/** What a new decision changes in the inbox row; what was received stays. */
function toDecided({
  outcome,
  errorCode,
  errorMessage,
  stripeCustomerId,
  mingusUserId,
  customerId,
  decidedAt,
}: WebhookEvent): Partial<WebhookEvent> {
  return { outcome, errorCode, errorMessage, stripeCustomerId, mingusUserId, customerId, decidedAt };
}

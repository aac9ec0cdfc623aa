import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { CustomerCreated } from '../events/customers/customer-created.event.js';
import { AppConfig } from '../platform/config/app-config.js';
import { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import {
  decideOutcome,
  type Decision,
  type InterpretedEvent,
  interpretEvent,
} from './decision/event-decision.js';
import { customerKey, type KnownCustomer, type KnownState, type SeenEvent } from './decision/known-state.js';
import { type Verdict, verdict } from './decision/verdict.js';
import type { Refusal } from './decision/event-outcome.js';
import {
  decideWaiting,
  decideWaitingAfterOverlap,
  fetchObject,
  refreshAfterOverlap,
  refreshLater,
  retryWhileUserIsMissing,
} from './follow-up-jobs.js';
import { EventHandlers } from './handlers/event-handlers.service.js';
import type { ReceivedEvent } from './intake/received-event.js';
import { toInboxRow } from './inbox-row.js';
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
    if (setsUpAwaited(event, decision, known)) decideWaiting(row, unit);
    if (decision.needsRefresh) refreshLater(row, decision, unit);
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
    if (decision.needsRefresh) refreshLater(event.received, decision, unit);
    if (decision.outcome !== 'updated' && decision.outcome !== 'deleted') return unit;
    for (const fact of decision.facts) await this.emitter.emitAsync(fact.eventName, fact, unit);
    return unit;
  }

  /** @param seen what was decided about the event before: its inbox row exists already */
  private recordDecision(row: WebhookEvent, seen: SeenEvent | undefined, unit: UnitOfWork): void {
    const { stripeEventId, outcome, errorCode, receivedAt, decidedAt } = row;
    if (outcome === 'fetching') fetchObject(row, unit);
    if (seen?.outcome === outcome) return;
    if (seen) unit.updateOne(WebhookEvent, { stripeEventId, outcome: seen.outcome }, toDecided(row));
    else unit.insert(WebhookEvent, row);
    if (outcome === 'pending_user') retryWhileUserIsMissing(row, seen ? decidedAt : receivedAt, unit);
    if (errorCode === 'object_deleted') refreshAfterOverlap(row, unit);
    // What a creation tells is never newer than what is stored.
    if (outcome === 'unmatched' && row.type !== 'customer.created') decideWaitingAfterOverlap(row, unit);
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

/** Whether it makes a customer about whom other events wait for a user. */
function setsUpAwaited({ named }: InterpretedEvent, { facts }: Verdict, { waiting }: KnownState): boolean {
  const isAwaited = named !== null && waiting.has(customerKey(named));
  return isAwaited && facts.some((fact) => fact instanceof CustomerCreated);
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

import { Injectable, Logger } from '@nestjs/common';
import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { WebhookEventRedecided } from '../../events/webhooks/webhook-event-redecided.event.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { comparable } from '../../platform/mail-address.js';
import { StripeSettings } from '../../platform/stripe/stripe.settings.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { BatchClaims } from '../decision/batch-claims.js';
import {
  decideOutcome,
  type Decision,
  type InterpretedEvent,
  interpretEvent,
  withStoredUserId,
} from '../decision/event-decision.js';
import { EventHandlers } from '../decision/event-handlers.service.js';
import { customerKey, type KnownCustomer, type KnownState, type SeenEvent } from '../decision/known-state.js';
import { type Verdict, verdict } from '../decision/verdict.js';
import type { Refusal } from '../stripe/event-outcome.js';
import type { ReceivedEvent } from '../stripe/received-event.js';
import { type EventPlan, type EventResult, toResult } from './event-result.js';
import { EventTrace } from './event-trace.service.js';
import {
  decideWaiting,
  decideWaitingAfterOverlap,
  fetchObject,
  refreshAfterOverlap,
  refreshLater,
  retryWhileUserIsMissing,
} from './follow-up-jobs.js';
import { toInboxRow } from './inbox-row.js';
import { WebhookEvent } from './webhook-event.entity.js';

/** The plans of some events, and the deferred events, which must see the effect of these plans. */
export interface PlannedRound {
  results: { event: InterpretedEvent; result: EventResult; unit: UnitOfWork }[];
  deferred: InterpretedEvent[];
}

/** Decides about events and collects the rows and jobs that follow. Writes nothing. */
@Injectable()
export class EventPlanner {
  private readonly logger = new Logger('webhooks');

  constructor(
    private readonly stripe: StripeSettings,
    private readonly handlers: EventHandlers,
    private readonly facts: Facts,
    private readonly trace: EventTrace,
  ) {}

  interpret(received: ReceivedEvent): InterpretedEvent {
    return interpretEvent(received, this.handlers.of(received.type));
  }

  /**
   * Plans what one transaction can write: an event about the same event id, customer or user as an earlier one is
   * deferred. An event whose listener throws gets an empty unit of work.
   * @param refusal decides about all of the events instead of their content
   */
  planRound(events: readonly InterpretedEvent[], known: KnownState, refusal?: Refusal): PlannedRound {
    const claims = new BatchClaims();
    const round: PlannedRound = { results: [], deferred: [] };
    for (const event of events) {
      const named = withStoredUserId(event, known);
      if (claims.isTaken(named)) {
        round.deferred.push(event);
        continue;
      }
      const plannedAt = performance.now();
      try {
        const plan = this.plan(named, known, refusal);
        if (plan.decision.outcome !== 'redelivered') claims.take(named);
        round.results.push({ event, result: toResult(plan), unit: plan.unit });
        this.trace.step('decided', [event], performance.now() - plannedAt, () => describePlan(plan));
      } catch (error) {
        this.logger.error({ event: 'listener failed', stripeEventId: event.received.stripeEventId, error });
        round.results.push({ event, result: { committed: false, error }, unit: new UnitOfWork() });
      }
    }
    return round;
  }

  /**
   * Fills the unit of work of the event with its inbox row and the rows and jobs of all listeners.
   * @param refusal decides about the event instead of its content
   * @throws the error of a listener; the unit of work must then not be written
   */
  private plan(event: InterpretedEvent, known: KnownState, refusal?: Refusal): EventPlan {
    const decision = this.decide(event, known, refusal);
    if (decision.outcome === 'redelivered') return { decision, unit: new UnitOfWork() };
    return this.carryOut(event, decision, known);
  }

  /**
   * Decides about an event again, without regard to its stored decision. Its inbox row changes if the outcome
   * differs.
   * @param refusal decides about the event instead of its content
   * @throws the error of a listener; the unit of work must then not be written
   */
  replan(
    event: InterpretedEvent,
    known: KnownState,
    refusal?: Refusal,
  ): { decision: Verdict; unit: UnitOfWork } {
    return this.carryOut(event, this.decide(event, withoutEvents(known), refusal) as Verdict, known);
  }

  /**
   * Plans the effect of an object that was fetched again. The listeners get the facts about the change; the
   * inbox row of the event stays the same.
   */
  planRefresh(event: InterpretedEvent, known: KnownState): UnitOfWork {
    const unit = new UnitOfWork();
    const decision = this.decide(event, withoutEvents(known)) as Verdict;
    if (decision.needsRefresh) refreshLater(event.received, objectOf(event, decision), unit);
    if (decision.outcome !== 'updated' && decision.outcome !== 'deleted') return unit;
    for (const fact of decision.facts) this.facts.emit(fact, unit);
    return unit;
  }

  private decide(event: InterpretedEvent, known: KnownState, refusal?: Refusal): Decision {
    if (refusal) return verdict('rejected', { refusal });
    return decideOutcome(event, known, this.stripe.livemode);
  }

  private carryOut(
    event: InterpretedEvent,
    decision: Verdict,
    known: KnownState,
  ): { decision: Verdict; unit: UnitOfWork } {
    const unit = new UnitOfWork();
    for (const fact of decision.facts) this.facts.emit(fact, unit);
    const row = toInboxRow(event, decision);
    const customer = storedCustomerOf(event, known);
    row.customerId ??= customer?.id ?? null;
    if (row.customerId !== null && !hasOtherAddress(row, customer)) row.email = null;
    if (isAboutErased(event, known))
      Object.assign(row, { body: null, errorMessage: null, mingusUserId: null, email: null });
    const seen = known.events.get(row.stripeEventId);
    this.recordDecision(row, seen, unit);
    const redecided = redecisionOf(row, seen);
    if (redecided) this.facts.emit(redecided, unit);
    if (setsUpAwaited(event, decision, known)) decideWaiting(row, unit);
    if (decision.needsRefresh) refreshLater(row, objectOf(event, decision), unit);
    return { decision, unit };
  }

  /** @param seen the earlier decision, if the event has an inbox row already */
  private recordDecision(row: WebhookEvent, seen: SeenEvent | undefined, unit: UnitOfWork): void {
    const { stripeEventId, outcome, errorCode, receivedAt, decidedAt } = row;
    if (outcome === 'fetching') fetchObject(row, unit);
    if (seen?.outcome === outcome) return;
    if (seen) {
      const changes = { ...toDecided(row), firstDecidedAt: seen.firstDecidedAt ?? decidedAt };
      unit.updateOne(WebhookEvent, { stripeEventId, outcome: seen.outcome }, changes);
    } else {
      unit.insert(WebhookEvent, row);
    }
    if (outcome === 'pending_user') retryWhileUserIsMissing(row, seen ? decidedAt : receivedAt, unit);
    if (errorCode === 'object_deleted') refreshAfterOverlap(row, unit);
    // The state in a creation is never newer than the stored one.
    const mayHaveMissed = outcome === 'unmatched' && row.type !== 'customer.created';
    if (mayHaveMissed || outcome === 'pending_customer') decideWaitingAfterOverlap(row, unit);
  }
}

/** For the trace: the rows and jobs that the listeners added. */
function describePlan({ decision, unit }: EventPlan): object {
  const rows = unit.rows.map(({ entity }) => entity.name);
  return { outcome: decision.outcome, rows, jobs: unit.jobs.map(({ task }) => task) };
}

/** The known state as if no event had been decided. */
function withoutEvents(known: KnownState): KnownState {
  return { ...known, events: new Map() };
}

/** @returns null for a first decision, and for a decision that changes nothing. `fetching` is no decision. */
function redecisionOf(row: WebhookEvent, seen: SeenEvent | undefined): WebhookEventRedecided | null {
  if (!seen?.firstDecidedAt || seen.outcome === row.outcome) return null;
  const outcomes = { before: seen.outcome, after: row.outcome };
  return new WebhookEventRedecided(row.stripeEventId, row.type, seen.firstDecidedAt.toISOString(), outcomes);
}

/** The object to fetch again: that of the event, else its customer. */
function objectOf({ subject }: InterpretedEvent, { customerId }: Verdict): string | null {
  return subject?.billingObjectId ?? customerId;
}

/** The stored customer that an event is about, also if the event is refused. */
function storedCustomerOf({ named }: InterpretedEvent, { customers }: KnownState): KnownCustomer | undefined {
  return named ? customers.get(customerKey(named)) : undefined;
}

/** Whether the address in an event differs from that of its customer, as in an update that is refused. */
function hasOtherAddress({ email }: WebhookEvent, customer: KnownCustomer | undefined): boolean {
  return email !== null && customer !== undefined && email !== comparable(customer.stored.email);
}

function isAboutErased(event: InterpretedEvent, known: KnownState): boolean {
  const isUnknownErased = event.named !== null && known.erasures.has(customerKey(event.named));
  return isUnknownErased || storedCustomerOf(event, known)?.isErased === true;
}

/** Whether the event sets up a customer whose other events wait for a user. */
function setsUpAwaited({ named }: InterpretedEvent, { facts }: Verdict, { waiting }: KnownState): boolean {
  const isAwaited = named !== null && waiting.has(customerKey(named));
  return isAwaited && facts.some((fact) => fact instanceof CustomerCreated);
}

/** The columns of an inbox row that a new decision changes. The received content never changes. */
function toDecided({
  outcome,
  errorCode,
  errorMessage,
  stripeCustomerId,
  mingusUserId,
  email,
  customerId,
  decidedAt,
}: WebhookEvent): Partial<WebhookEvent> {
  return { outcome, errorCode, errorMessage, stripeCustomerId, mingusUserId, email, customerId, decidedAt };
}

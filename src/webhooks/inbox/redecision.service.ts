import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import type { DomainEvent } from '../../events/domain-event.js';
import { INTAKE } from '../../platform/database/database-options.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../platform/unit-of-work/unit-of-work-writer.service.js';
import { type InterpretedEvent, ofUser, withStoredUserId } from '../decision/event-decision.js';
import type { KnownState, SeenEvent } from '../decision/known-state.js';
import type { EventOutcome, Refusal } from '../stripe/event-outcome.js';
import type { ReceivedEvent } from '../stripe/received-event.js';
import { lockCustomers } from './customer-locks.js';
import { type Effect, effectOf } from './effect.js';
import { EventPlanner } from './event-planner.service.js';
import type { EventResult } from './event-result.js';
import { toReceivedEvent } from './inbox-row.js';
import { isolateRefused } from './isolate-refused.js';
import { KnownStateReader } from './known-state-reader.service.js';
import { WebhookEvent } from './webhook-event.entity.js';

/** A stored event, interpreted, with the stored data that a decision about it needs. */
export interface StoredEvent {
  row: WebhookEvent;
  event: InterpretedEvent;
  known: KnownState;
  /** The decision that is stored. */
  seen: SeenEvent;
}

/** The effect of a new decision, or of a dry run. */
export interface RedecisionPlan {
  outcomeBefore: EventOutcome;
  outcome: EventOutcome;
  /** Why the event has no effect, or why its customer cannot be repaired. */
  errorCode: string | null;
  customerId: string | null;
  /** The kinds of messages that the user has got already. They are not sent again. */
  suppressedNotifications: readonly string[];
  unit: UnitOfWork;
}

/** The result of a new decision, or of a dry run. */
export type Redecided = StoredEvent & { plan: RedecisionPlan; effect: Effect };

/** Which event is decided again, and how. */
export interface RedecisionRequest {
  stripeEventId: string;
  /** The event with its fetched object; by default the received event. */
  received?: ReceivedEvent;
  /** The user to decide for, in place of the one in the object. */
  userId?: string;
  /** Locks nothing and writes nothing. */
  dryRun?: boolean;
  plan: (stored: StoredEvent) => RedecisionPlan | Promise<RedecisionPlan>;
  /** Makes the fact about the new decision, which is then emitted. */
  toFact: (redecided: Redecided) => DomainEvent;
}

/** Decides outside the intake: about stored events again, and about events that Stripe lists. */
@Injectable()
export class Redecision {
  constructor(
    private readonly reader: KnownStateReader,
    private readonly planner: EventPlanner,
    private readonly facts: Facts,
    private readonly writer: UnitOfWorkWriter,
    @InjectDataSource(INTAKE) private readonly intake: DataSource,
  ) {}

  /**
   * Decides about a stored event again, in the transaction of the manager: lock, interpret, read, plan,
   * effect, fact, write. The lock on the row serialises new decisions about one event.
   * @throws DomainError webhook_event_not_found, body_not_kept
   */
  async redecide(manager: EntityManager, request: RedecisionRequest): Promise<Redecided> {
    const { userId, dryRun = false } = request;
    const row = await findEvent(manager, request.stripeEventId, dryRun);
    const interpreted = this.planner.interpret(request.received ?? asReceived(row));
    const named = userId === undefined ? interpreted : ofUser(interpreted, userId);
    if (!dryRun) await lockCustomers(manager, [named]);
    const known = await this.reader.read(manager, [named]);
    const seen = known.events.get(row.stripeEventId) as SeenEvent;
    const stored = { row, event: withStoredUserId(named, known), known, seen };
    const plan = await request.plan(stored);
    const redecided = { ...stored, plan, effect: effectOf(plan.unit, manager.connection) };
    if (dryRun) return redecided;
    this.facts.emit(request.toFact(redecided), plan.unit);
    await this.writer.write(manager, [plan.unit]);
    return redecided;
  }

  /**
   * Plans as if the event were new. An event that had an effect keeps its outcome if it would have none now.
   * @param refusal decides about the event instead of its content
   * @throws the error of a listener
   */
  planAgain({ event, known, seen }: StoredEvent, refusal?: Refusal): RedecisionPlan {
    const { decision, unit } = this.planner.replan(event, known, refusal);
    const { outcome, facts } = decision;
    const losesEffect = EFFECTIVE.has(seen.outcome) && facts.length === 0;
    if (outcome === seen.outcome || losesEffect) return unchanged(seen);
    return {
      outcomeBefore: seen.outcome,
      outcome,
      errorCode: decision.refusal?.code ?? null,
      customerId: decision.customerId,
      suppressedNotifications: facts.flatMap((fact) =>
        fact instanceof CustomerCreated ? fact.notifiedKinds : [],
      ),
      unit,
    };
  }

  /** Applies a newly fetched object. The decision about the event stays the same. */
  async refresh(received: ReceivedEvent): Promise<void> {
    const event = this.planner.interpret(received);
    await inTransaction(this.intake, async (manager) => {
      await lockCustomers(manager, [event]);
      const known = await this.reader.read(manager, [event]);
      await this.writer.write(manager, [this.planner.planRefresh(withStoredUserId(event, known), known)]);
    });
  }

  /**
   * Decides about events that Stripe lists, in the transaction of the manager, by the same rules as the
   * intake. If PostgreSQL refuses an event, only that event is rolled back.
   */
  async decideListed(
    manager: EntityManager,
    listed: readonly ReceivedEvent[],
    { dryRun }: { dryRun: boolean },
  ): Promise<Map<ReceivedEvent, EventResult>> {
    const decided = new Map<ReceivedEvent, EventResult>();
    const events = listed.map((received) => this.planner.interpret(received));
    await isolateRefused(events, (some, refusal) =>
      manager.transaction(async (savepoint) => {
        let round = some;
        while (round.length > 0) {
          if (!dryRun) await lockCustomers(savepoint, round);
          const known = await this.reader.read(savepoint, round);
          const { results, deferred } = this.planner.planRound(round, known, refusal);
          const units = results.map(({ unit }) => unit);
          if (!dryRun) await this.writer.write(savepoint, units);
          for (const { event, result } of results) decided.set(event.received, result);
          round = deferred;
        }
      }),
    );
    return decided;
  }
}

/**
 * The plan that changes nothing about a stored event.
 * @param refusal the reason
 */
export function unchanged(seen: SeenEvent, refusal: Refusal | null = seen.refusal): RedecisionPlan {
  return {
    outcomeBefore: seen.outcome,
    outcome: seen.outcome,
    errorCode: refusal?.code ?? null,
    customerId: seen.customerId,
    suppressedNotifications: [],
    unit: new UnitOfWork(),
  };
}

const EFFECTIVE: ReadonlySet<EventOutcome> = new Set(['created', 'updated', 'deleted']);

/** @throws DomainError webhook_event_not_found */
async function findEvent(
  manager: EntityManager,
  stripeEventId: string,
  dryRun: boolean,
): Promise<WebhookEvent> {
  const lock = dryRun ? {} : { lock: { mode: 'for_no_key_update' as const } };
  const row = await manager.findOne(WebhookEvent, { where: { stripeEventId }, ...lock });
  if (!row) throw new DomainError('webhook_event_not_found', `No webhook event ${stripeEventId}`);
  return row;
}

/** @throws DomainError body_not_kept */
function asReceived(row: WebhookEvent): ReceivedEvent {
  const received = toReceivedEvent(row);
  if (!received) throw new DomainError('body_not_kept', `The body of ${row.stripeEventId} is not kept`);
  return received;
}

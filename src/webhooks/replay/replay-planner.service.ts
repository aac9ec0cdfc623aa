import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { EntityManager } from 'typeorm';
import { CustomerCreated } from '../../events/customers/customer-created.event.js';
import type { DomainEvent } from '../../events/domain-event.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import { decideOutcome, type InterpretedEvent, ofUser } from '../decision/event-decision.js';
import { customerKey, type KnownState, type SeenEvent } from '../decision/known-state.js';
import type { Verdict } from '../decision/verdict.js';
import type { EventOutcome, Refusal } from '../decision/event-outcome.js';
import { KnownStateReader } from '../decision/known-state-reader.service.js';
import { EventPlanner } from '../event-planner.service.js';
import type { ReceivedEvent } from '../intake/received-event.js';
import { onlyMissing } from './missing-rows.js';

/** What a replay does, or would do. */
export interface ReplayPlan {
  outcomeBefore: EventOutcome;
  outcome: EventOutcome;
  /** Why nothing came of the event, or why its customer cannot be repaired. */
  errorCode: string | null;
  customerId: string | null;
  /** What the user has been sent already. */
  suppressedNotifications: readonly string[];
  unit: UnitOfWork;
}

/** Plans what it means to replay a stored event; writes nothing. */
@Injectable()
export class ReplayPlanner {
  constructor(
    private readonly reader: KnownStateReader,
    private readonly planner: EventPlanner,
    private readonly emitter: EventEmitter2,
  ) {}

  /**
   * @param refusal decides about the event instead of its content
   * @throws whatever a listener throws
   */
  async plan(manager: EntityManager, received: ReceivedEvent, refusal?: Refusal): Promise<ReplayPlan> {
    const event = this.planner.interpret(received);
    const known = await this.reader.read(manager, [event]);
    const seen = known.events.get(received.stripeEventId) as SeenEvent;
    if (seen.outcome !== 'created') return this.planAnew(event, known, refusal);
    return refusal ? unchanged(seen, refusal) : this.planRepair(manager, event, known);
  }

  /** As if the event were new. What has had an effect is not set back to having had none. */
  private async planAnew(event: InterpretedEvent, known: KnownState, refusal?: Refusal): Promise<ReplayPlan> {
    const seen = known.events.get(event.received.stripeEventId) as SeenEvent;
    const { decision, unit } = await this.planner.replan(event, known, refusal);
    if (decision.outcome === seen.outcome || hasHadMoreEffect(seen, decision)) return unchanged(seen);
    return {
      outcomeBefore: seen.outcome,
      outcome: decision.outcome,
      errorCode: decision.refusal?.code ?? null,
      customerId: decision.customerId,
      suppressedNotifications: decision.facts.flatMap(notifiedKindsOf),
      unit,
    };
  }

  /**
   * Sets the customer up once more, for the user whom it belongs to by now, and keeps what is missing of it.
   */
  private async planRepair(
    manager: EntityManager,
    event: InterpretedEvent,
    known: KnownState,
  ): Promise<ReplayPlan> {
    const seen = known.events.get(event.received.stripeEventId) as SeenEvent;
    const existing = event.subject && known.customers.get(customerKey(event.subject));
    if (existing?.isDeleted) return unchanged(seen, CUSTOMER_DELETED);
    if (existing?.userId === null) return unchanged(seen, CUSTOMER_UNLINKED);
    const owned = existing ? ofUser(event, existing.userId) : event;
    const ofOwner = existing ? await this.reader.read(manager, [owned]) : known;
    const decision = decideOutcome(owned, { ...ofOwner, events: new Map(), customers: new Map() });
    const { facts, refusal } = decision as Verdict;
    const created = facts.find((fact) => fact instanceof CustomerCreated);
    if (!created) return unchanged(seen, refusal);
    const customerId = existing?.id ?? seen.customerId ?? created.customerId;
    const { customer, user, origin, notifiedKinds } = created;
    const fact = new CustomerCreated(customerId, customer, user, origin, notifiedKinds);
    const unit = await this.missingOf(manager, fact);
    return { ...unchanged(seen), customerId, suppressedNotifications: notifiedKinds, unit };
  }

  private async missingOf(manager: EntityManager, fact: CustomerCreated): Promise<UnitOfWork> {
    const setUp = new UnitOfWork();
    await this.emitter.emitAsync(fact.eventName, fact, setUp);
    const entities = [...new Set(setUp.rows.map(({ entity }) => entity))];
    const tables = entities.map((entity) => manager.connection.getMetadata(entity));
    const checks = tables.map((metadata) => {
      const column = metadata.findColumnWithPropertyName('customerId')?.databaseName ?? 'id';
      return holds(metadata.tableName, `"${column}" = $1`);
    });
    const holding: { table: string }[] = await manager.query([...checks, IS_TRACKED].join(' union all '), [
      fact.customerId,
    ]);
    return onlyMissing(
      setUp,
      new Set(holding.map(({ table }) => table)),
      (entity) => manager.connection.getMetadata(entity).tableName,
    );
  }
}

const CUSTOMER_DELETED: Refusal = { code: 'customer_deleted', message: 'The customer was deleted in Stripe' };

const CUSTOMER_UNLINKED: Refusal = { code: 'customer_unlinked', message: 'The customer belongs to nobody' };

const EFFECTIVE: ReadonlySet<EventOutcome> = new Set(['created', 'updated', 'deleted']);

function hasHadMoreEffect(seen: SeenEvent, decision: Verdict): boolean {
  return EFFECTIVE.has(seen.outcome) && decision.facts.length === 0;
}

/** Notification kinds that the user of a new customer has had already. */
export function notifiedKindsOf(fact: DomainEvent): readonly string[] {
  return fact instanceof CustomerCreated ? fact.notifiedKinds : [];
}

function unchanged(seen: SeenEvent, refusal: Refusal | null = seen.refusal): ReplayPlan {
  return {
    outcomeBefore: seen.outcome,
    outcome: seen.outcome,
    errorCode: refusal?.code ?? null,
    customerId: seen.customerId,
    suppressedNotifications: [],
    unit: new UnitOfWork(),
  };
}

function holds(table: string, condition: string): string {
  return `select '${table}' as "table" where exists (select from "${table}" where ${condition})`;
}

const IS_TRACKED = holds('analytics_events', `name = 'customer_created' and customer_id = $1`);

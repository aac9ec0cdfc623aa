import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Assignment } from '../../../events/assigned-arm.js';
import { CustomerCreated } from '../../../events/customers/customer-created.event.js';
import { Facts } from '../../../platform/facts/facts.service.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';
import { decideOutcome, ofUser } from '../../decision/event-decision.js';
import { customerKey } from '../../decision/known-state.js';
import type { Verdict } from '../../decision/verdict.js';
import { KnownStateReader } from '../../inbox/known-state-reader.service.js';
import {
  Redecision,
  type RedecisionPlan,
  type StoredEvent,
  unchanged,
} from '../../inbox/redecision.service.js';
import type { Refusal } from '../../stripe/event-outcome.js';
import { onlyMissing, RECORDED_IN } from './missing-rows.js';

/** Plans the replay of a stored event; writes nothing. */
@Injectable()
export class ReplayPlanner {
  constructor(
    private readonly reader: KnownStateReader,
    private readonly redecision: Redecision,
    private readonly facts: Facts,
  ) {}

  /**
   * An event that created a customer repairs it; any other event is decided again.
   * @param refusal decides about the event instead of its content
   * @throws the error of a listener
   */
  async plan(manager: EntityManager, stored: StoredEvent, refusal?: Refusal): Promise<RedecisionPlan> {
    if (stored.seen.outcome !== 'created') return this.redecision.planAgain(stored, refusal);
    return refusal ? unchanged(stored.seen, refusal) : this.planRepair(manager, stored);
  }

  /** Plans the set-up of the customer for its present user, and keeps only the missing rows. */
  private async planRepair(
    manager: EntityManager,
    { event, known, seen }: StoredEvent,
  ): Promise<RedecisionPlan> {
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
    const history = { notifiedKinds, assignment: withoutNew(created.history.assignment) };
    const fact = new CustomerCreated(customerId, customer, user, origin, history);
    const unit = await this.missingOf(manager, fact);
    return { ...unchanged(seen), customerId, suppressedNotifications: notifiedKinds, unit };
  }

  private async missingOf(manager: EntityManager, fact: CustomerCreated): Promise<UnitOfWork> {
    const setUp = new UnitOfWork();
    this.facts.emit(fact, setUp);
    const entities = [...new Set(setUp.rows.map(({ entity }) => entity))];
    const tables = entities.map((entity) => manager.connection.getMetadata(entity));
    const checks = tables.map((metadata) => {
      const column = metadata.findColumnWithPropertyName('customerId')?.databaseName ?? 'id';
      return holds(metadata.tableName, `"${column}" = $1`);
    });
    const holding: { table: string }[] = await manager.query(
      [...checks, ...ARE_RECORDED].join(' union all '),
      [fact.customerId],
    );
    return onlyMissing(
      setUp,
      new Set(holding.map(({ table }) => table)),
      (entity) => manager.connection.getMetadata(entity).tableName,
    );
  }
}

/** A repair assigns no arm: the creation was the exposure. */
function withoutNew({ arms, stored }: Assignment): Assignment {
  return { arms: arms.filter(({ isNew }) => !isNew), stored };
}

const CUSTOMER_DELETED: Refusal = { code: 'customer_deleted', message: 'The customer was deleted in Stripe' };

const CUSTOMER_UNLINKED: Refusal = { code: 'customer_unlinked', message: 'The customer belongs to no user' };

function holds(table: string, condition: string): string {
  return `select '${table}' as "table" where exists (select from "${table}" where ${condition})`;
}

const ARE_RECORDED = Object.values(RECORDED_IN).map(({ table, where }) => holds(table, where));

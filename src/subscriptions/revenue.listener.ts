import { Injectable } from '@nestjs/common';
import type { BilledCustomer, StoredRevenue } from '../events/billing-standing.js';
import { CustomerDeleted } from '../events/customers/customer-deleted.event.js';
import { CustomerErased } from '../events/customers/customer-erased.event.js';
import { DisputeChanged } from '../events/subscriptions/dispute-changed.event.js';
import { InvoiceChanged } from '../events/subscriptions/invoice-changed.event.js';
import { MrrMoved } from '../events/subscriptions/mrr-moved.event.js';
import { SubscriptionChanged } from '../events/subscriptions/subscription-changed.event.js';
import { uuidv7 } from '../platform/database/uuid.js';
import { Facts } from '../platform/facts/facts.service.js';
import { OnFact } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { CustomerRevenue } from './customer-revenue.entity.js';
import { moneyText } from './money-text.js';
import { type Mrr, mrrOf } from './mrr.js';
import { movementsOf, revenueAfter } from './mrr-movement.js';
import { MrrMovement } from './mrr-movement.entity.js';
import { SubscriptionsSettings } from './subscriptions.settings.js';

/** Whose revenue moved, when, and by which event. */
interface Cause extends BilledCustomer {
  occurredAt: string;
  stripeEventId: string | null;
}

/**
 * Records how the monthly recurring revenue of a customer moves. Each change of a customer's billing also counts up the
 * revision, so that no two transactions decide about the same standing.
 */
@Injectable()
export class RevenueListener {
  constructor(
    private readonly settings: SubscriptionsSettings,
    private readonly facts: Facts,
  ) {}

  @OnFact(SubscriptionChanged)
  moveRevenue(fact: SubscriptionChanged, unit: UnitOfWork): void {
    this.follow(fact, unit);
  }

  @OnFact(InvoiceChanged)
  recordPayment(fact: InvoiceChanged, unit: UnitOfWork): void {
    this.follow(fact, unit);
  }

  @OnFact(DisputeChanged)
  recordDispute(fact: DisputeChanged, unit: UnitOfWork): void {
    this.follow(fact, unit);
  }

  @OnFact(CustomerDeleted)
  endRevenue(fact: CustomerDeleted, unit: UnitOfWork): void {
    const { customerId, stripeCustomerId, last, origin, occurredAt } = fact;
    const cause = { customerId, stripeCustomerId, occurredAt, stripeEventId: origin.stripeEventId };
    this.end(cause, last.revenue, unit);
  }

  /** The movements stay, because they identify no person any more. Subscriptions and payments are deleted. */
  @OnFact(CustomerErased)
  forget({ customerId, stripeCustomerId, last }: CustomerErased, unit: UnitOfWork): void {
    const occurredAt = new Date().toISOString();
    this.end({ customerId, stripeCustomerId, occurredAt, stripeEventId: null }, last.revenue, unit);
    for (const statement of FORGET) unit.execute(statement, { customerId });
  }

  private follow(
    fact: Pick<SubscriptionChanged, 'customer' | 'occurredAt' | 'origin' | 'standing'>,
    unit: UnitOfWork,
  ): void {
    const { customer, occurredAt, origin, standing } = fact;
    const { after, revenue } = standing;
    const cause = { ...customer, occurredAt, stripeEventId: origin.stripeEventId };
    const mrr = this.move(
      cause,
      revenue,
      mrrOf(after.subscriptions, this.settings.subtractedDiscounts),
      unit,
    );
    store(customer.customerId, revenue, { mrr, firstPaidAt: after.firstPaidAt }, unit);
  }

  private end(cause: Cause, revenue: StoredRevenue, unit: UnitOfWork): void {
    store(cause.customerId, revenue, { mrr: this.move(cause, revenue, {}, unit) }, unit);
  }

  /** @returns the revenue to store */
  private move(cause: Cause, { mrr }: StoredRevenue, after: Mrr, unit: UnitOfWork): Mrr {
    const { customerId, stripeCustomerId, occurredAt, stripeEventId } = cause;
    const movements = movementsOf(mrr, after);
    for (const { kind, currency, beforeMinor, afterMinor } of movements) {
      const id = uuidv7();
      unit.insert(MrrMovement, {
        id,
        customerId,
        kind,
        currency,
        amountMinor: afterMinor - beforeMinor,
        beforeMinor,
        afterMinor,
        stripeEventId,
        occurredAt: new Date(occurredAt),
        recordedAt: new Date(),
      });
      const [from, to] = [moneyText(beforeMinor, currency), moneyText(afterMinor, currency)];
      unit.reportChange(`MRR ${from} → ${to} ${currency}`);
      const movement = { movementId: id, kind, currency, beforeMinor, afterMinor };
      const moved = new MrrMoved(customerId, stripeCustomerId, movement, occurredAt, stripeEventId);
      this.facts.emit(moved, unit);
    }
    return revenueAfter(mrr, movements);
  }
}

/** A transaction that read another revision than the stored one fails and is repeated. */
function store(
  customerId: string,
  { revision }: StoredRevenue,
  { mrr, firstPaidAt }: { mrr: Mrr; firstPaidAt?: string | null },
  unit: UnitOfWork,
): void {
  const paidAt = firstPaidAt ? new Date(firstPaidAt) : null;
  const state = { revision: revision + 1, mrr, updatedAt: new Date() };
  if (revision === 0) {
    unit.insert(CustomerRevenue, { customerId, ...state, firstPaidAt: paidAt });
  } else {
    const changes = firstPaidAt === undefined ? state : { ...state, firstPaidAt: paidAt };
    unit.updateOne(CustomerRevenue, { customerId, revision }, changes);
  }
}

const ERASED =
  'using json_to_recordset($1::json) as erased ("customerId" uuid) where customer_id = "customerId"';

const FORGET = [
  `delete from subscriptions ${ERASED}`,
  `delete from invoices ${ERASED}`,
  `delete from disputes ${ERASED}`,
  `update mrr_movements set stripe_event_id = null
   from json_to_recordset($1::json) as erased ("customerId" uuid) where customer_id = "customerId"`,
];

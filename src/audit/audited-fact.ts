import type { DomainEvent } from '../events/domain-event.js';
import type { EventOrigin } from '../events/stripe-customer.js';
import type { FactClass } from '../platform/facts/on-fact.decorator.js';
import type { UnitOfWork } from '../platform/unit-of-work/unit-of-work.js';
import { AuditEntry } from './audit-entry.entity.js';
import { type Actor, type AuditedAct, entryBy, entryByStripe } from './entry-origin.js';
import { personalValues } from './personal-values.js';

/** A fact with the function that adds its entries to the unit of work. */
export interface AuditedFact<F extends DomainEvent = DomainEvent> {
  fact: FactClass<F>;
  record(fact: F, unit: UnitOfWork): void;
}

/** A fact about an act of people or of the service itself. */
export function on<F extends DomainEvent>(
  fact: FactClass<F>,
  actor: Actor | ((fact: F) => Actor),
  actOf: (fact: F) => AuditedAct,
): AuditedFact<F> {
  const actorOf = typeof actor === 'function' ? actor : () => actor;
  return {
    fact,
    record: (emitted, unit) => unit.insert(AuditEntry, entryBy(actorOf(emitted), actOf(emitted))),
  };
}

/** A fact with several entries. */
export function onEach<F extends DomainEvent>(
  fact: FactClass<F>,
  entriesOf: (fact: F) => readonly AuditEntry[],
): AuditedFact<F> {
  return {
    fact,
    record(emitted, unit) {
      for (const entry of entriesOf(emitted)) unit.insert(AuditEntry, entry);
    },
  };
}

/** A change of a customer in Stripe. */
type CustomerFact = DomainEvent & {
  customerId: string;
  origin: EventOrigin;
} & ({ stripeCustomerId: string } | { customer: { stripeCustomerId: string } });

/** A fact about a customer that an event from Stripe caused. @param personalOf personal values, if there are any */
export function onCustomer<F extends CustomerFact>(
  fact: FactClass<F>,
  action: string,
  detailsOf: (fact: F) => AuditEntry['details'],
  personalOf?: (fact: F) => Record<string, unknown> | null,
): AuditedFact<F> {
  return {
    fact,
    record(emitted, unit) {
      const { customerId, origin } = emitted;
      const { stripeCustomerId } = 'customer' in emitted ? emitted.customer : emitted;
      const entry = entryByStripe(origin, action, { customerId, stripeCustomerId }, detailsOf(emitted));
      const personal = personalOf?.(emitted);
      unit.insert(AuditEntry, personal ? { ...entry, ...personalValues(personal) } : entry);
    },
  };
}

/** A change of a customer's subscriptions or payments in Stripe. */
type BillingFact = DomainEvent & {
  customer: { customerId: string; stripeCustomerId: string };
  origin: EventOrigin;
};

/** A fact about a customer's subscriptions or payments that an event from Stripe caused. */
export function onBilling<F extends BillingFact>(
  fact: FactClass<F>,
  action: string,
  detailsOf: (fact: F) => AuditEntry['details'],
): AuditedFact<F> {
  return {
    fact,
    record(emitted, unit) {
      const { customer, origin } = emitted;
      unit.insert(AuditEntry, entryByStripe(origin, action, customer, detailsOf(emitted)));
    },
  };
}

import { Injectable } from '@nestjs/common';
import type { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { FIRST_STAGE } from '../../events/lifecycle/lifecycle-names.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import type { CustomerFacts } from '../rules/customer-facts.js';

const NEVER_FLIPS = Infinity;

/** What a new customer is a member of. */
export interface FirstMemberships {
  /** Ids of versions. */
  memberOf: number[];
  nextEvaluationAt: Date | null;
  /** Of the definitions. */
  revision: number;
}

/** Evaluates rules for customers that are being created, without a query. Rules about behaviour are left out. */
@Injectable()
export class NewCustomers {
  constructor(private readonly definitions: SegmentDefinitions) {}

  /** @returns null while nothing is defined */
  evaluate(fact: CustomerCreated): FirstMemberships | null {
    const { revision, versions, behavioural } = this.definitions.current;
    if (versions.length === 0) return null;
    const now = Date.now();
    const memberOf = new Set<number>();
    const facts = factsOf(fact, memberOf);
    let flipsAt = NEVER_FLIPS;
    for (const { id, decide } of versions) {
      if (behavioural.has(id)) continue;
      const verdict = decide(facts, now);
      if (verdict > 0) memberOf.add(id);
      flipsAt = Math.min(flipsAt, Math.abs(verdict));
    }
    const nextEvaluationAt = flipsAt === NEVER_FLIPS ? null : new Date(flipsAt);
    return { memberOf: [...memberOf], nextEvaluationAt, revision };
  }
}

function factsOf(fact: CustomerCreated, memberOf: ReadonlySet<number>): CustomerFacts {
  const { customerId, customer, user, origin, occurredAt } = fact;
  const enteredAt = new Date(occurredAt);
  const reported = user.milestones.map(({ milestone, occurredAt: at }) => [milestone, at] as const);
  return {
    customerId,
    userId: user.id,
    customer: {
      email: customer.email,
      name: customer.name,
      phone: customer.phone,
      address: customer.address,
      metadata: customer.metadata,
      preferredLocales: customer.preferredLocales,
      currency: customer.currency,
      account: origin.account,
      livemode: customer.livemode,
      delinquent: customer.delinquent,
      createdAt: customer.stripeCreatedAt === null ? Date.now() : Date.parse(customer.stripeCreatedAt),
    },
    lifecycle: { stage: FIRST_STAGE, enteredAt: enteredAt.getTime() },
    milestones: { ...Object.fromEntries(reported), created: enteredAt.toISOString() },
    mrr: {},
    events: new Map(),
    memberOf,
  };
}

import { Injectable } from '@nestjs/common';
import type { CustomerCreated } from '../../events/customers/customer-created.event.js';
import { FIRST_STAGE } from '../../events/lifecycle/lifecycle-names.js';
import type { ActiveVersion, Definitions } from '../definitions/definitions.js';
import { SegmentDefinitions } from '../definitions/segment-definitions.service.js';
import type { CustomerFacts } from '../rules/customer-facts.js';
import { isKnownAtCreation, segmentsOf } from '../rules/inputs-of.js';

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

  /**
   * Whether a customer that is being created is a member of a segment. Segments that depend on what is not known before
   * its creation (`isKnownAtCreation`) have no such members.
   */
  isMember(segment: string, creation: CustomerCreated): boolean {
    const definitions = this.definitions.current;
    const id = definitions.servingIds.get(segment);
    const memberOf = new Set<number>();
    const facts = factsOf(creation, memberOf);
    const now = Date.now();
    for (const version of servingFor(segment, definitions))
      if (isKnownAtCreation(version.rule) && version.decide(facts, now) > 0) memberOf.add(version.id);
    return id !== undefined && memberOf.has(id);
  }

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

/** The serving versions of a segment and of those that it mentions, directly or not, which come first. */
function servingFor(segment: string, { versions, servingIds }: Definitions): ActiveVersion[] {
  const names = new Set([segment]);
  const serving: ActiveVersion[] = [];
  for (const version of versions.toReversed()) {
    if (!names.has(version.segment) || servingIds.get(version.segment) !== version.id) continue;
    serving.unshift(version);
    for (const name of segmentsOf(version.rule)) names.add(name);
  }
  return serving;
}

function factsOf(fact: CustomerCreated, memberOf: ReadonlySet<number>): CustomerFacts {
  const { customerId, customer, user, origin, occurredAt, arms } = fact;
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
    predictions: {},
    events: new Map(),
    arms: new Map(arms.map(({ experiment, arm }) => [experiment, arm])),
    memberOf,
  };
}

import type { DomainEvent } from '../domain-event.js';
import type { EventImport } from '../stripe-customer.js';

/**
 * A customer entered or left segments. Each recorded change is one fact, also if later changes follow at once, and the
 * facts about one customer come in the order in which the changes were recorded. The edit of a rule is no fact about the
 * members of its own segment.
 */
export class SegmentMembershipsChanged implements DomainEvent {
  static readonly eventName = 'segment_memberships.changed';
  readonly eventName = SegmentMembershipsChanged.eventName;

  /** Names of segments. */
  readonly entered: readonly string[];
  readonly left: readonly string[];

  constructor(
    /** Of the change (UUID). The memberships at the creation of a customer have the id of the customer. */
    readonly changeId: string,
    readonly customerId: string,
    { entered, left }: MembershipDifference,
    readonly cause: Readonly<MembershipCause>,
    /** When it became true (ISO 8601). */
    readonly effectiveAt: string,
  ) {
    this.entered = entered;
    this.left = left;
    Object.freeze(this);
  }
}

/** Names of segments. */
export interface MembershipDifference {
  entered: readonly string[];
  left: readonly string[];
}

/** Why memberships changed. */
export interface MembershipCause {
  /** The fact behind it, such as `subscription.changed` or `behaviour.recorded`; `time`, or `definition`. */
  name: string;
  /** Whether only a definition changed: the edit of another segment, which the rule mentions. */
  isByDefinition: boolean;
  /** The event of Stripe behind it, if there is one. */
  stripeEventId: string | null;
  /** How the event got here if Stripe did not deliver it, for example by a backfill. */
  imported: Readonly<EventImport> | null;
}

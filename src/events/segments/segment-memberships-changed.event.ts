import type { DomainEvent } from '../domain-event.js';

/** A customer entered or left segments. Edits of a segment's rule do not cause it. */
export class SegmentMembershipsChanged implements DomainEvent {
  static readonly eventName = 'segment_memberships.changed';
  readonly eventName = SegmentMembershipsChanged.eventName;

  constructor(
    readonly customerId: string,
    /** Names of segments. */
    readonly entered: readonly string[],
    readonly left: readonly string[],
    /** The fact behind it, such as `subscription.changed`; or `time`. */
    readonly cause: Readonly<{ name: string; stripeEventId: string | null }>,
    /** When it became true (ISO 8601). */
    readonly effectiveAt: string,
  ) {
    Object.freeze(this);
  }
}

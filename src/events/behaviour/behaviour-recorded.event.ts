import type { DomainEvent } from '../domain-event.js';

/** What one person did, by the events of one transaction. */
export interface RecordedBehaviour {
  userId: string;
  /** By the name of the events: when the last of them happened (ISO 8601). Events may arrive late. */
  lastAt: ReadonlyMap<string, string>;
}

/**
 * Events of known people were added to the stream, or events that waited for an identity were attached to them.
 * Statements that a listener adds to the unit run after that, in the same transaction, and see the rows.
 */
export class BehaviourRecorded implements DomainEvent {
  static readonly eventName = 'behaviour.recorded';
  readonly eventName = BehaviourRecorded.eventName;

  constructor(
    /** Each person once. */
    readonly people: readonly Readonly<RecordedBehaviour>[],
  ) {
    Object.freeze(this);
  }
}

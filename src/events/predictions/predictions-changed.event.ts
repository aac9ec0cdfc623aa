import type { DomainEvent } from '../domain-event.js';
import type { PredictionTarget } from '../prediction-targets.js';

/**
 * The stored scores of customers changed, or ended because the target no longer applies to them. Statements that a
 * listener adds to the unit run after that, in the same transaction.
 */
export class PredictionsChanged implements DomainEvent {
  static readonly eventName = 'predictions.changed';
  readonly eventName = PredictionsChanged.eventName;

  constructor(
    readonly target: PredictionTarget,
    /** Each customer once. */
    readonly customerIds: readonly string[],
    /** The time of the scores (ISO 8601). */
    readonly scoredAt: string,
  ) {
    Object.freeze(this);
  }
}

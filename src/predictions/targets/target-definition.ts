import type { PredictionTarget } from '../../events/prediction-targets.js';

/** What is predicted, of which customers, and at which moments the past is looked at. */
export interface TargetDefinition {
  readonly target: PredictionTarget;
  /** For people: “activates within 14 days”. */
  readonly title: string;
  /** The outcome is whether it happens within so many days after t0. */
  readonly windowDays: number;
  /**
   * Past customers are looked at once in so many days. Each customer has an offset of its own, so that the ages at
   * these moments are those of the customers that are scored later.
   */
  readonly everyDays: number;
  readonly what: ReachedMilestone | EnteredStage;
}

/** A milestone is reached. It concerns young customers that have not reached it. */
export interface ReachedMilestone {
  readonly kind: 'milestone';
  readonly milestone: string;
  /** Older customers are not scored, because the training has none of them. */
  readonly maxAgeDays: number;
}

/** A stage is entered. It concerns customers in one of some other stages. */
export interface EnteredStage {
  readonly kind: 'stage';
  readonly from: readonly string[];
  readonly to: string;
}

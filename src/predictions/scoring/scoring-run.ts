import type { TargetDefinition } from '../targets/target-definition.js';
import type { UsableModel } from './serving-model.js';

/** A scoring of one target at one moment. */
export interface ScoringRun {
  definition: TargetDefinition;
  model: UsableModel;
  now: Date;
  /** Of this share of the customers, chosen by their ids, scores are noted to be compared with outcomes. */
  notedShare: number;
}

import type { Treatment } from '../../events/assigned-arm.js';

/** A variant of an experiment. */
export interface Arm {
  key: string;
  /** The share of the units that take part, 0 to 1. Those of all arms add up to 1. */
  weight: number;
  treatment: Treatment;
}

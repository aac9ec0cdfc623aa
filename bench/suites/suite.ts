import type { Plan } from '../measure.js';
import type { Workplace } from '../workplace.js';

/** What a suite was asked for on the command line. */
export interface SuiteOptions {
  plan: Plan;
  /** Names of targets; empty: all. */
  only: readonly string[];
  /** How many customers there are, instead of the suite's own number, where it has one. */
  customers?: number;
  /** Flags for the service's Node, as for a CPU profile. */
  nodeFlags: readonly string[];
  /** Whether the figures may replace the recorded ones: only those of a whole run. */
  isRecorded: boolean;
}

/** Measures one thing, prints the figures and records them. @throws when what was stored is wrong */
export type Suite = (workplace: Workplace, options: SuiteOptions) => Promise<void>;

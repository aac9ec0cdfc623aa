import type { Plan } from '../measure.js';
import type { Workplace } from '../workplace.js';

/** Options of a suite from the command line. */
export interface SuiteOptions {
  plan: Plan;
  /** Names of targets; an empty list means all. */
  only: readonly string[];
  /** Number of customers instead of the suite's default, for suites that use one. */
  customers?: number;
  /** The folder of a built checkout to compare with, for suites that use one. */
  baseline?: string;
  /** Flags for the service's Node, for example for a CPU profile. */
  nodeFlags: readonly string[];
  /** Whether the figures may replace the recorded ones, which only those of a whole run do. */
  isRecorded: boolean;
}

/** Measures one thing, prints the figures and records them. @throws when the stored data are wrong */
export type Suite = (workplace: Workplace, options: SuiteOptions) => Promise<void>;

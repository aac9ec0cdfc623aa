import type { Experiment } from './experiment.entity.js';
import type { ExperimentPhase } from './experiment-phase.entity.js';

/** A phase with its experiment. */
export interface StartedPhase extends Pick<
  ExperimentPhase,
  'id' | 'experimentId' | 'seed' | 'arms' | 'coverage'
> {
  experiment: Pick<Experiment, 'name' | 'status' | 'namespace' | 'segment'>;
}

/** All experiments but drafts. */
export interface StartedExperiments {
  /** Counts the changes of experiments. */
  readonly revision: number;
  /** By id. */
  readonly phases: ReadonlyMap<number, StartedPhase>;
  /** The present phases of running experiments: those that get new units. */
  readonly open: readonly StartedPhase[];
}

export const NO_EXPERIMENTS: StartedExperiments = { revision: 0, phases: new Map(), open: [] };

/** @param stored experiments and their phases, in the order of their ids */
export function startedExperiments(
  revision: number,
  experiments: readonly Experiment[],
  stored: readonly ExperimentPhase[],
): StartedExperiments {
  const byId = new Map(experiments.map((experiment) => [experiment.id, experiment]));
  const phases = new Map<number, StartedPhase>();
  const open: StartedPhase[] = [];
  for (const { id, experimentId, seed, arms, coverage, endedAt } of stored) {
    const experiment = byId.get(experimentId);
    if (!experiment || experiment.status === 'draft') continue;
    const phase = { id, experimentId, seed, arms, coverage, experiment };
    phases.set(id, phase);
    if (experiment.status === 'running' && endedAt === null) open.push(phase);
  }
  return { revision, phases, open };
}

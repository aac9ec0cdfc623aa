import type { EntityManager } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import { Experiment } from '../definitions/experiment.entity.js';
import { type Outcome, type OutcomeCell, sumOutcomes } from './outcomes.queries.js';
import { countUnits, type UnitCell } from './units.queries.js';

/** An experiment with its phases, oldest first. */
export interface DefinedExperiment {
  experiment: Experiment;
  phases: ExperimentPhase[];
}

/** What the units of an experiment did until a time. */
export interface ExperimentCounts {
  units: UnitCell[];
  /** In the order of the goals. */
  goalOutcomes: OutcomeCell[][];
  /** In the order of the guardrails. */
  guardrailOutcomes: OutcomeCell[][];
}

/** @throws DomainError experiment_not_found */
export async function findExperiment(manager: EntityManager, name: string): Promise<DefinedExperiment> {
  const experiment = await manager.findOneBy(Experiment, { name });
  if (!experiment) throw new DomainError('experiment_not_found', `There is no experiment ${name}`);
  const where = { experimentId: experiment.id };
  return { experiment, phases: await manager.find(ExperimentPhase, { where, order: { number: 'ASC' } }) };
}

/** One statement for the units, and one for each goal and guardrail. */
export async function countExperiment(
  manager: EntityManager,
  { experiment, phases }: DefinedExperiment,
  asOf: Date,
): Promise<ExperimentCounts> {
  const scope = { manager, phaseIds: phases.map(({ id }) => id), asOf };
  const { cells: units, strata } = await countUnits(scope);
  const sumEach = async (outcomes: readonly Outcome[]) => {
    const sums: OutcomeCell[][] = [];
    for (const outcome of outcomes) sums.push(await sumOutcomes(scope, strata, outcome));
    return sums;
  };
  return {
    units,
    goalOutcomes: await sumEach(experiment.goals),
    guardrailOutcomes: await sumEach(experiment.guardrails),
  };
}

/** The counts at the end of an earlier day. Its outcomes are in the counts already: the day of a unit closes its window. */
export function countsAtEndOf(day: string, { units, ...outcomes }: ExperimentCounts): ExperimentCounts {
  const assigned = units.filter((cell) => cell.day <= day).map((cell) => ({ ...cell, early: cell.units }));
  return { units: assigned, ...outcomes };
}

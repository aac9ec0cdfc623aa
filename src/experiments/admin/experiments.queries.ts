import { type EntityManager, In, MoreThan } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { Experiment } from '../definitions/experiment.entity.js';
import { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import type { ExperimentDto, ExperimentPageDto, ExperimentsQuery } from './experiment.dto.js';

/** @throws DomainError experiment_not_found */
export async function getExperiment(manager: EntityManager, name: string): Promise<Experiment> {
  const experiment = await manager.findOneBy(Experiment, { name });
  if (!experiment) throw new DomainError('experiment_not_found', `No experiment ${name}`);
  return experiment;
}

/** The newest phase of an experiment. */
export function getPhase(manager: EntityManager, { id: experimentId }: Experiment): Promise<ExperimentPhase> {
  return manager.findOneOrFail(ExperimentPhase, { where: { experimentId }, order: { number: 'DESC' } });
}

/** A page of experiments by name. */
export async function listExperiments(
  manager: EntityManager,
  { status, cursor, limit }: ExperimentsQuery,
): Promise<ExperimentPageDto> {
  const found = await manager.find(Experiment, {
    where: { ...(status ? { status } : {}), ...(cursor ? { name: MoreThan(cursor) } : {}) },
    order: { name: 'ASC' },
    take: limit + 1,
  });
  const items = await withPhases(manager, found.slice(0, limit));
  return { items, nextCursor: found.length > limit ? (items.at(-1)?.name ?? null) : null };
}

export async function withPhases(
  manager: EntityManager,
  experiments: readonly Experiment[],
): Promise<ExperimentDto[]> {
  const phases = await manager.find(ExperimentPhase, {
    where: { experimentId: In(experiments.map(({ id }) => id)) },
    order: { number: 'DESC' },
  });
  return experiments.map(({ id, ...experiment }) => {
    const own = phases
      .filter(({ experimentId }) => experimentId === id)
      .map(({ number, seed, arms, coverage, startedAt, endedAt }) => {
        return { number, seed, arms, coverage, startedAt, endedAt };
      });
    return { ...experiment, coverage: own[0]?.coverage, phases: own };
  }) as ExperimentDto[];
}

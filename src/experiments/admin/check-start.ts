import { type EntityManager, In, Not } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import type { Arm } from '../definitions/arm.js';
import { Experiment } from '../definitions/experiment.entity.js';
import { ExperimentPhase } from '../definitions/experiment-phase.entity.js';

/** Each creation of a customer looks at all running experiments. */
const RUNNING_MAX = 50;

/**
 * Checks that an experiment does not disturb those whose arms have an effect: a stopped one treats its units until it is
 * decided.
 * @throws DomainError too_many_experiments, namespace_occupied, message_occupied
 */
export async function checkBesideOthers(
  manager: EntityManager,
  experiment: Experiment,
  arms: readonly Arm[],
): Promise<void> {
  const others = await manager.findBy(Experiment, {
    status: In(['running', 'stopped']),
    id: Not(experiment.id),
  });
  if (others.filter(({ status }) => status === 'running').length >= RUNNING_MAX)
    throw new DomainError('too_many_experiments', `${RUNNING_MAX} experiments run, the most allowed`);
  const kinds = kindsOf(arms);
  for (const other of others) {
    const [phase] = await manager.find(ExperimentPhase, {
      where: { experimentId: other.id },
      order: { number: 'DESC' },
      take: 1,
    });
    if (experiment.namespace?.name !== undefined && experiment.namespace.name === other.namespace?.name)
      refuseOverlap(experiment, other);
    else refuseSharedKinds(other, kinds, kindsOf(phase?.arms ?? []));
  }
}

function refuseOverlap({ namespace }: Experiment, other: Experiment): void {
  if (!namespace || !other.namespace) return;
  if (namespace.from < other.namespace.to && other.namespace.from < namespace.to)
    throw new DomainError(
      'namespace_occupied',
      `${stateOf(other)} in the range from ${other.namespace.from} to ${other.namespace.to} of ${namespace.name}`,
      [other.name],
    );
}

function stateOf({ name, status }: Experiment): string {
  return status === 'running' ? `${name} runs` : `${name} is stopped, but not decided,`;
}

/** A message can follow one experiment only. */
function refuseSharedKinds(other: Experiment, kinds: ReadonlySet<string>, others: ReadonlySet<string>): void {
  const shared = [...kinds].filter((kind) => others.has(kind));
  if (shared.length > 0)
    throw new DomainError(
      'message_occupied',
      `${stateOf(other)} and treats the same messages: ${shared.join(', ')}. Put both into ranges of one namespace`,
      [other.name],
    );
}

function kindsOf(arms: readonly Arm[]): ReadonlySet<string> {
  return new Set(arms.flatMap(({ treatment }) => treatment.messages.map(({ kind }) => kind)));
}

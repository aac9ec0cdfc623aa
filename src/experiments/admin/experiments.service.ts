import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { OperatorActed } from '../../events/operator-acted.event.js';
import { currentCause } from '../../platform/cause.js';
import { inTransaction } from '../../platform/database/transaction.js';
import { Facts } from '../../platform/facts/facts.service.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { requireKnownAtCreation } from '../../segments/admin/check-rule.js';
import { ExperimentDefinitions } from '../definitions/experiment-definitions.service.js';
import { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import { Experiment } from '../definitions/experiment.entity.js';
import { checkDraft, checkWeights, type Draft } from './check-draft.js';
import { checkBesideOthers } from './check-start.js';
import type {
  DecideDto,
  DefineExperimentDto,
  EditExperimentDto,
  ExperimentDto,
  ExperimentPageDto,
  ExperimentsQuery,
  NewPhaseDto,
} from './experiment.dto.js';
import { GoalLimits } from './goal-limits.service.js';
import { getExperiment, getPhase, listExperiments, withPhases } from './experiments.queries.js';
import { requireStatus } from './require-status.js';

/** Defines, starts and ends experiments. Each act is audited. */
@Injectable()
export class Experiments {
  constructor(
    private readonly definitions: ExperimentDefinitions,
    private readonly limits: GoalLimits,
    private readonly facts: Facts,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  list(query: ExperimentsQuery): Promise<ExperimentPageDto> {
    return listExperiments(this.dataSource.manager, query);
  }

  /** @throws DomainError experiment_not_found */
  async get(name: string): Promise<ExperimentDto> {
    const { manager } = this.dataSource;
    const [experiment] = await withPhases(manager, [await getExperiment(manager, name)]);
    return experiment as ExperimentDto;
  }

  /** @throws DomainError experiment_exists, experiment_invalid */
  async define({ name, ...given }: DefineExperimentDto): Promise<ExperimentDto> {
    const { arms, coverage, ...draft } = toDraft(given, { ...EMPTY, arms: given.arms, goals: given.goals });
    await this.change(name, 'defined', async (manager) => {
      if (await manager.existsBy(Experiment, { name }))
        throw new DomainError('experiment_exists', `There is an experiment ${name}`);
      await checkDraft(manager, { arms, coverage, ...draft }, this.limits);
      const createdBy = currentCause().caller?.name ?? null;
      const { id: experimentId } = await manager.save(Experiment, {
        ...draft,
        name,
        status: 'draft',
        createdBy,
        createdAt: new Date(),
      });
      await manager.save(ExperimentPhase, { experimentId, number: 1, seed: `${name}:1`, arms, coverage });
      return {};
    });
    return this.get(name);
  }

  /**
   * Changes a draft. Of an experiment that has started, only the description and a greater coverage can change.
   * @throws DomainError experiment_not_found, experiment_started, experiment_not_running, coverage_shrinks,
   * experiment_invalid
   */
  async edit(name: string, changes: EditExperimentDto): Promise<ExperimentDto> {
    await this.change(name, 'edited', async (manager) => {
      const experiment = await getExperiment(manager, name);
      const phase = await getPhase(manager, experiment);
      const { description, namespace, segment, goals, guardrails } = experiment;
      const weighted = { arms: phase.arms, coverage: phase.coverage };
      const before = { description, namespace, segment, goals, guardrails, ...weighted };
      const after = toDraft(changes, before);
      const changed = KEYS.filter((key) => !isDeepStrictEqual(after[key], before[key]));
      if (changed.length === 0) return null;
      if (experiment.status === 'draft') await checkDraft(manager, after, this.limits);
      else refuseChanges(experiment, { before, after, changed });
      const { arms, coverage, ...own } = after;
      await manager.update(Experiment, experiment.id, own);
      await manager.update(ExperimentPhase, phase.id, { arms, coverage });
      return { changed: changed.join(', ') };
    });
    return this.get(name);
  }

  /** @throws DomainError experiment_not_found, experiment_started */
  async delete(name: string): Promise<void> {
    await this.change(name, 'deleted', async (manager) => {
      const experiment = await getExperiment(manager, name);
      requireStatus(experiment, 'draft');
      await manager.delete(ExperimentPhase, { experimentId: experiment.id });
      await manager.delete(Experiment, experiment.id);
      return {};
    });
  }

  /**
   * @throws DomainError experiment_not_found, experiment_started, experiment_invalid, too_many_experiments,
   * namespace_occupied, message_occupied, segment_unsuitable
   */
  async start(name: string): Promise<ExperimentDto> {
    await this.change(name, 'started', async (manager) => {
      const experiment = await getExperiment(manager, name);
      requireStatus(experiment, 'draft');
      const phase = await getPhase(manager, experiment);
      await checkDraft(manager, { ...experiment, ...phase }, this.limits);
      await checkBesideOthers(manager, experiment, phase.arms);
      if (experiment.segment !== null) await requireKnownAtCreation(manager, experiment.segment);
      const startedAt = new Date();
      await manager.update(Experiment, experiment.id, { status: 'running', startedAt });
      await manager.update(ExperimentPhase, phase.id, { startedAt });
      return {};
    });
    return this.get(name);
  }

  /**
   * New weights make a new phase with another seed. Units that have an arm keep it.
   * @throws DomainError experiment_not_found, experiment_not_running, experiment_invalid
   */
  async addPhase(name: string, { arms: weights, coverage: given }: NewPhaseDto): Promise<ExperimentDto> {
    await this.change(name, 'phase_started', async (manager) => {
      const experiment = await getExperiment(manager, name);
      requireStatus(experiment, 'running');
      const { id, number: last, arms, coverage: before } = await getPhase(manager, experiment);
      const coverage = given ?? before;
      checkWeights(arms, weights, coverage);
      const startedAt = new Date();
      const number = last + 1;
      await manager.update(ExperimentPhase, id, { endedAt: startedAt });
      await manager.save(ExperimentPhase, {
        experimentId: experiment.id,
        number,
        seed: `${name}:${number}`,
        arms: arms.map((arm, index) => ({ ...arm, weight: weights[index]?.weight ?? 0 })),
        coverage,
        startedAt,
      });
      return { phase: String(number) };
    });
    return this.get(name);
  }

  /** @throws DomainError experiment_not_found, experiment_not_running */
  async stop(name: string): Promise<ExperimentDto> {
    await this.change(name, 'stopped', async (manager) => {
      const experiment = await getExperiment(manager, name);
      requireStatus(experiment, 'running');
      const stoppedAt = new Date();
      const { id } = await getPhase(manager, experiment);
      await manager.update(ExperimentPhase, id, { endedAt: stoppedAt });
      await manager.update(Experiment, experiment.id, { status: 'stopped', stoppedAt });
      return {};
    });
    return this.get(name);
  }

  /** @throws DomainError experiment_not_found, experiment_not_stopped, experiment_invalid */
  async decide(name: string, { arm, reason }: DecideDto): Promise<ExperimentDto> {
    await this.change(name, 'decided', async (manager) => {
      const experiment = await getExperiment(manager, name);
      requireStatus(experiment, 'stopped');
      const { arms } = await getPhase(manager, experiment);
      if (arm !== null && !arms.some(({ key }) => key === arm))
        throw new DomainError('experiment_invalid', `${name} has no arm with the key ${arm}`);
      const decision = { arm, reason };
      await manager.update(Experiment, experiment.id, { status: 'decided', decision, decidedAt: new Date() });
      return { arm };
    });
    return this.get(name);
  }

  /** @param work returns the details for the audit; null if nothing has changed */
  private async change(
    name: string,
    act: string,
    work: (manager: EntityManager) => Promise<Record<string, string | null> | null>,
  ): Promise<void> {
    await inTransaction(this.dataSource, async (manager) => {
      await manager.query('update experiment_revisions set revision = revision + 1');
      const details = await work(manager);
      const object = { type: 'experiment', id: name };
      if (details) await this.facts.record(manager, new OperatorActed(`experiment.${act}`, object, details));
    });
    await this.definitions.refresh();
  }
}

const EMPTY: Omit<Draft, 'arms' | 'goals'> = {
  description: '',
  coverage: 1,
  namespace: null,
  segment: null,
  guardrails: [],
};

const KEYS = ['description', 'coverage', 'namespace', 'segment', 'goals', 'guardrails', 'arms'] as const;

/** The draft after the changes, as plain values. Null clears what may be missing, and changes nothing else. */
function toDraft(changes: EditExperimentDto, before: Draft): Draft {
  const { namespace = before.namespace, segment = before.segment } = changes;
  const draft: Draft = {
    description: changes.description ?? before.description,
    coverage: changes.coverage ?? before.coverage,
    namespace,
    segment,
    goals: changes.goals ?? before.goals,
    guardrails: changes.guardrails ?? before.guardrails,
    arms: changes.arms ?? before.arms,
  };
  return JSON.parse(JSON.stringify(draft)) as Draft;
}

/** Refuses changes that would make the units of a started experiment differ. */
function refuseChanges(
  experiment: Experiment,
  { before, after, changed }: { before: Draft; after: Draft; changed: readonly (keyof Draft)[] },
): void {
  const { name } = experiment;
  const fixed = changed.filter((key) => key !== 'description' && key !== 'coverage');
  if (fixed.length > 0)
    throw new DomainError(
      'experiment_started',
      `${name} has started: units that came before and after the change could not be compared. ` +
        'New weights are a new phase; anything else is a new experiment',
      fixed,
    );
  if (!changed.includes('coverage')) return;
  requireStatus(experiment, 'running');
  if (after.coverage < before.coverage)
    throw new DomainError(
      'coverage_shrinks',
      `The coverage of ${name} is ${before.coverage} and can only grow: units that have an arm keep it. Start a new phase`,
    );
}

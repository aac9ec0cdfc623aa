import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Analysis } from '../../platform/analysis/analysis.service.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/http/domain-error.js';
import { ExperimentPhase } from '../definitions/experiment-phase.entity.js';
import { Experiment } from '../definitions/experiment.entity.js';
import { answerResults, type CountedExperiment } from './answer-results.js';
import type { ExperimentResultsDto, ResultsQuery } from './experiment-results.dto.js';
import { type Outcome, type OutcomeCell, sumOutcomes } from './outcomes.queries.js';
import { countUnits } from './units.queries.js';

const DAY_MS = 86_400_000;

/** Answers what the arms of an experiment have done. */
@Injectable()
export class ExperimentResults {
  constructor(
    private readonly analysis: Analysis,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError experiment_not_found, period_invalid, questions_busy, question_too_large */
  async answer(name: string, { day, method }: ResultsQuery): Promise<ExperimentResultsDto> {
    const asOf = endOf(day, this.clock.now());
    const counted = await this.analysis.answer((manager) => count(manager, name, asOf));
    return answerResults(counted, method);
  }
}

/** @throws DomainError experiment_not_found */
async function count(manager: EntityManager, name: string, asOf: Date): Promise<CountedExperiment> {
  const experiment = await manager.findOneBy(Experiment, { name });
  if (!experiment) throw new DomainError('experiment_not_found', `There is no experiment ${name}`);
  const { id: experimentId, goals, guardrails } = experiment;
  const phases = await manager.find(ExperimentPhase, { where: { experimentId }, order: { number: 'ASC' } });
  const scope = { manager, phaseIds: phases.map(({ id }) => id), asOf };
  const { cells: units, strata } = await countUnits(scope);
  const sumEach = async (outcomes: readonly Outcome[]) => {
    const sums: OutcomeCell[][] = [];
    for (const outcome of outcomes) sums.push(await sumOutcomes(scope, strata, outcome));
    return sums;
  };
  return {
    experiment,
    phases,
    asOf,
    units,
    goalOutcomes: await sumEach(goals),
    guardrailOutcomes: await sumEach(guardrails),
  };
}

/**
 * The last moment of the day, or now.
 * @throws DomainError period_invalid
 */
function endOf(day: string | undefined, now: Date): Date {
  if (day === undefined) return now;
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day)
    throw new DomainError('period_invalid', `There is no day ${day}`);
  if (start > now.getTime()) throw new DomainError('period_invalid', 'day must not be in the future');
  return new Date(Math.min(start + DAY_MS - 1, now.getTime()));
}

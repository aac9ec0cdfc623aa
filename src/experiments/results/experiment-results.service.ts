import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Analysis } from '../../platform/analysis/analysis.service.js';
import { Clock } from '../../platform/clock.js';
import { DomainError } from '../../platform/http/domain-error.js';
import type { Experiment } from '../definitions/experiment.entity.js';
import { lastWindowClosesAt } from '../definitions/last-window.js';
import { answerResults, type CountedExperiment } from './answer-results.js';
import { countExperiment, countsAtEndOf, findExperiment } from './count-experiment.js';
import { ExperimentCount } from './experiment-count.entity.js';
import type { ExperimentResultsDto, ResultsQuery } from './experiment-results.dto.js';
import { dateOf } from './result-days.js';

const DAY_MS = 86_400_000;

/** Answers what the arms of an experiment have done. */
@Injectable()
export class ExperimentResults {
  constructor(
    private readonly analysis: Analysis,
    private readonly clock: Clock,
  ) {}

  /**
   * From the counts that are kept, if they are of the last hour and reach the day, or complete.
   * @throws DomainError experiment_not_found, period_invalid, questions_busy, question_too_large
   */
  async answer(name: string, { day, method, counted }: ResultsQuery): Promise<ExperimentResultsDto> {
    const end = endOf(day, this.clock.now());
    const found = await this.analysis.answer(async (manager): Promise<CountedExperiment> => {
      const defined = await findExperiment(manager, name);
      const kept = await findCounts(manager, defined.experiment, { day, end, counted });
      if (kept) return { ...defined, ...kept };
      return { ...defined, asOf: end, ...(await countExperiment(manager, defined, end)) };
    });
    return answerResults(found, method);
  }
}

/**
 * The kept counts, at the end of the day if they were made after it. Once all windows have closed, nothing is counted
 * again: the units may have been removed since, and later days have the same counts.
 * @returns null if there are none that reach the day
 */
async function findCounts(
  manager: EntityManager,
  experiment: Experiment,
  { day, end, counted }: Pick<ResultsQuery, 'day' | 'counted'> & { end: Date },
) {
  const kept = await manager.findOneBy(ExperimentCount, { experimentId: experiment.id });
  if (!kept) return null;
  const { asOf, counts } = kept;
  const closedAt = lastWindowClosesAt(experiment);
  const isComplete = closedAt !== null && asOf >= closedAt;
  if (counted === 'now' && !isComplete) return null;
  const lastDay = dateOf(asOf);
  if (day === undefined || day === lastDay) return { asOf, ...counts };
  if (day < lastDay) return { asOf: lastMomentOf(day), ...countsAtEndOf(day, counts) };
  return isComplete ? { asOf: end, ...counts } : null;
}

/**
 * The last moment of the day, or now.
 * @throws DomainError period_invalid
 */
function endOf(day: string | undefined, now: Date): Date {
  if (day === undefined) return now;
  const end = lastMomentOf(day);
  if (Number.isNaN(+end) || dateOf(end) !== day)
    throw new DomainError('period_invalid', `There is no day ${day}`);
  if (day > dateOf(now)) throw new DomainError('period_invalid', 'day must not be in the future');
  return end < now ? end : now;
}

function lastMomentOf(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS - 1);
}

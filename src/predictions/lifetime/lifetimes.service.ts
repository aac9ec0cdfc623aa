import { Injectable } from '@nestjs/common';
import { Analysis } from '../../platform/analysis/analysis.service.js';
import { Clock } from '../../platform/clock.js';
import { medianSurvival, type Observation, survivalCurve } from '../../platform/statistics/kaplan-meier.js';
import { fitSbg, residualLifetime, retentionAt } from '../models/lifetime/sbg.js';
import type {
  CohortLifetimeDto,
  CohortSurvivalDto,
  LifetimeQuery,
  LifetimesDto,
  SurvivalDto,
} from './lifetime.dto.js';
import { findLives, type Lives } from './lifetime.queries.js';

const COHORTS = 12;
const MONTHS_PER_YEAR = 12;

const BEGINNING = 'A cohort is the customers whose first payment was in the month (UTC).';
const SURVIVAL =
  `${BEGINNING} A customer leaves when it becomes churned for the first time after that. ` +
  'The curve is the estimate of Kaplan and Meier: customers who have not left count for as long as they were observed.';
const LIFETIME =
  `${BEGINNING} Their departures by month are fitted with the shifted-beta-geometric model of Fader and Hardie (2007). ` +
  'Only customers count whose subscriptions are all paid monthly; `notMonthly` are the others. ' +
  'The residual lifetime is the expected number of further monthly payments of a customer who is left, each discounted.';

/** Answers how long cohorts of paying customers stay. */
@Injectable()
export class Lifetimes {
  constructor(
    private readonly analysis: Analysis,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError questions_busy, question_too_large */
  async survival(cohort: string | undefined): Promise<SurvivalDto> {
    const asOf = this.clock.now();
    const cohorts = await this.read(cohort, asOf);
    return { definition: SURVIVAL, asOf, cohorts: cohorts.map(([name, lives]) => survivalOf(name, lives)) };
  }

  /** @throws DomainError questions_busy, question_too_large */
  async lifetimes({ cohort, discount }: LifetimeQuery): Promise<LifetimesDto> {
    const asOf = this.clock.now();
    const cohorts = await this.read(cohort, asOf);
    const found = cohorts.map(([name, lives]) => lifetimeOf(name, lives, { discount, asOf }));
    return { definition: LIFETIME, asOf, discount, cohorts: found };
  }

  private async read(cohort: string | undefined, now: Date): Promise<[string, Lives[]][]> {
    const first = cohort
      ? monthOf(cohort)
      : new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - COHORTS + 1));
    const next = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + (cohort ? 1 : COHORTS)));
    const lives = await this.analysis.answer((manager) =>
      findLives(manager, now, first.toISOString(), next.toISOString()),
    );
    const names = [...new Set(lives.map((one) => one.cohort))];
    return names.map((name) => [name, lives.filter((one) => one.cohort === name)]);
  }
}

const monthOf = (cohort: string) => new Date(`${cohort}-01T00:00:00Z`);

const countOf = (lives: readonly Lives[]) => lives.reduce((sum, { customers }) => sum + customers, 0);

function survivalOf(cohort: string, lives: readonly Lives[]): CohortSurvivalDto {
  const curve = survivalCurve(lives.flatMap(observationsOf));
  return {
    cohort,
    customers: countOf(lives),
    left: countOf(lives.filter(({ hasLeft }) => hasLeft)),
    medianDays: medianSurvival(curve),
    curve: curve.map(({ time: day, events: left, ...step }) => ({ day, left, ...step })),
  };
}

/** The customers of a count are one object: a cohort may have very many. */
function observationsOf({ days: time, hasLeft: hasEvent, customers }: Lives): Observation[] {
  const observation = { time, hasEvent };
  return Array.from({ length: customers }, () => observation);
}

function lifetimeOf(
  cohort: string,
  all: readonly Lives[],
  { discount, asOf }: { discount: number; asOf: Date },
): CohortLifetimeDto {
  const lives = all.filter(({ isMonthly }) => isMonthly);
  const months = wholeMonthsSince(cohort, asOf);
  const survivors = Array.from({ length: months + 1 }, (_, month) =>
    countOf(lives.filter((one) => !one.hasLeft || one.months >= month)),
  );
  const customers = countOf(lives);
  const found = { cohort, customers, notMonthly: countOf(all) - customers, months, survivors };
  const sbg = customers === 0 ? 'not_monthly' : fitSbg([survivors]);
  if (typeof sbg === 'string')
    return { ...found, status: sbg, alpha: null, beta: null, nextRetention: null, residualMonths: null };
  const monthly = (1 + discount) ** (1 / MONTHS_PER_YEAR) - 1;
  return {
    ...found,
    status: 'fitted',
    alpha: sbg.alpha,
    beta: sbg.beta,
    nextRetention: retentionAt(sbg, months + 1),
    residualMonths: residualLifetime(sbg, months, monthly),
  };
}

/** The months for which the last customers of a cohort have been observed, too. */
function wholeMonthsSince(cohort: string, now: Date): number {
  const first = monthOf(cohort);
  const months =
    (now.getUTCFullYear() - first.getUTCFullYear()) * MONTHS_PER_YEAR +
    now.getUTCMonth() -
    first.getUTCMonth();
  return Math.max(0, months - 1);
}

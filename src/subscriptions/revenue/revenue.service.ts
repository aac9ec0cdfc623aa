import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Clock } from '../../platform/clock.js';
import { DEFINITIONS } from './definitions.js';
import { monthsOf } from './months.js';
import { cohortsFrom, retentionFrom, revenueMonthsFrom } from './report-rows.js';
import { RevenueCheck } from './revenue-check.entity.js';
import type {
  ChurnDto,
  ChurnQuery,
  CohortsDto,
  MonthsQuery,
  RetentionMonthsDto,
  RevenueMonthsDto,
  RevenueNowDto,
  RevenueQuery,
} from './revenue.dto.js';
import { changesByCohort, changesByMonth, countChurn, sumAll, sumByMonth } from './revenue.queries.js';

const CHURN_MS = 30 * 86_400_000;

/** Answers questions about revenue from the movements, which are kept for ever. */
@Injectable()
export class Revenue {
  constructor(
    private readonly clock: Clock,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  async now(query: RevenueQuery): Promise<RevenueNowDto> {
    const asOf = this.clock.now();
    const checked = await this.dataSource.manager.findOneBy(RevenueCheck, { id: 1 });
    return {
      definition: DEFINITIONS.now,
      asOf,
      currencies: await sumAll(this.dataSource, query),
      checkedAt: checked?.checkedAt ?? null,
      differences: checked?.differences ?? null,
    };
  }

  /** @throws DomainError period_invalid */
  async byMonth(query: MonthsQuery): Promise<RevenueMonthsDto> {
    const asOf = this.clock.now();
    const months = monthsOf(query, asOf);
    const sums = await sumByMonth(this.dataSource, months, query);
    return {
      definition: DEFINITIONS.months,
      asOf,
      zone: query.zone,
      months: revenueMonthsFrom(sums, months),
    };
  }

  async churn({ at, currency }: ChurnQuery): Promise<ChurnDto> {
    const asOf = this.clock.now();
    const until = at ?? asOf;
    const since = new Date(until.getTime() - CHURN_MS);
    const counts = await countChurn(this.dataSource, { since, until }, { currency });
    return {
      definition: DEFINITIONS.churn,
      asOf,
      since,
      until,
      currencies: counts.map((count) => {
        const customers = count.activeBefore + count.joined;
        return { ...count, rate: customers === 0 ? null : count.churned / customers };
      }),
    };
  }

  /** @throws DomainError period_invalid */
  async retention(query: MonthsQuery): Promise<RetentionMonthsDto> {
    const asOf = this.clock.now();
    const months = monthsOf(query, asOf);
    const changes = await changesByMonth(this.dataSource, months, query);
    return {
      definition: DEFINITIONS.retention,
      asOf,
      zone: query.zone,
      months: retentionFrom(changes, months),
    };
  }

  /** @throws DomainError period_invalid for months that no report has */
  checkMonths(query: MonthsQuery): void {
    monthsOf(query, this.clock.now());
  }

  /**
   * @param manager of the transaction of a question
   * @throws DomainError period_invalid
   */
  async cohorts(query: MonthsQuery, manager = this.dataSource.manager): Promise<CohortsDto> {
    const asOf = this.clock.now();
    const months = monthsOf(query, asOf);
    const changes = await changesByCohort(manager, months, query);
    return { definition: DEFINITIONS.cohorts, asOf, zone: query.zone, cohorts: cohortsFrom(changes, months) };
  }
}

import { firstMoment } from '../../../platform/database/first-moment.js';
import type { CalendarPeriod, PeriodName } from '../rule.js';
import { literal, milliseconds } from './literals.js';

/** The time of the evaluation and the periods around it, as columns of one row that is computed once. */
export class Clock {
  readonly now = 'clock.now';
  private readonly columns = new Map([['now', milliseconds('evaluation.now')]]);

  /** The first moment of the present period, and the first moment after it. */
  period({ period, zone }: CalendarPeriod): { start: string; end: string } {
    return {
      start: this.column(period, zone, `interval '0'`),
      end: this.column(period, zone, LENGTHS[period]),
    };
  }

  /** The join that provides the columns. */
  join(): string {
    const columns = [...this.columns].map(([name, sql]) => `${sql} as ${name}`);
    return `cross join (select ${columns.join(', ')} from evaluation offset 0) as clock`;
  }

  private column(period: PeriodName, zone: string, later: string): string {
    const sql = milliseconds(beginning(period, zone, later));
    const [known] = [...this.columns].find(([, other]) => other === sql) ?? [];
    const name = known ?? `period_${this.columns.size}`;
    this.columns.set(name, sql);
    return `clock.${name}`;
  }
}

const UNITS: Record<PeriodName, string> = { today: 'day', this_week: 'week', this_month: 'month' };

const LENGTHS: Record<PeriodName, string> = {
  today: `interval '1 day'`,
  this_week: `interval '7 days'`,
  this_month: `interval '1 month'`,
};

function beginning(period: PeriodName, zone: string, later: string): string {
  const name = literal(zone);
  return firstMoment(`date_trunc('${UNITS[period]}', evaluation.now at time zone ${name}) + ${later}`, name);
}

import { addTotals, NO_TOTALS, type Totals } from './summary.js';

/** The units of an arm and a stratum whose window closed on a day. */
export interface ArmDay extends Totals {
  arm: string;
  stratum: string;
  /** ISO date. */
  day: string;
}
export type ArmDays = ArmDay[];

/** The units that an arm got on a day. */
export interface AssignedDay {
  arm: string;
  day: string;
  units: number;
}

/** An arm at the end of a day. */
export interface ArmCounts {
  /** Units whose window has closed. */
  units: number;
  /** Units whose window has not closed. */
  open: number;
  /** Over the units whose window has closed. */
  sum: number;
}

/** The totals of arms and strata from the first day to a day that only moves on. */
export class RunningTotals {
  private readonly closed: DaySums;
  private readonly assigned: DaySums;

  constructor(closed: readonly ArmDay[], assigned: readonly AssignedDay[]) {
    this.closed = new DaySums(closed);
    this.assigned = new DaySums(assigned.map((row) => ({ ...NO_TOTALS, ...row, stratum: '' })));
  }

  advanceTo(day: string): void {
    this.closed.advanceTo(day);
    this.assigned.advanceTo(day);
  }

  strataOf(arm: string): ReadonlyMap<string, Totals> {
    return this.closed.strataOf(arm);
  }

  countsOf(arm: string): ArmCounts {
    const { units, sum } = totalOf(this.closed.strataOf(arm));
    return { units, open: Math.max(0, totalOf(this.assigned.strataOf(arm)).units - units), sum };
  }
}

class DaySums {
  private readonly rows: readonly ArmDay[];
  private readonly arms = new Map<string, Map<string, Totals>>();
  private next = 0;

  constructor(rows: readonly ArmDay[]) {
    this.rows = rows.toSorted((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)));
  }

  advanceTo(day: string): void {
    for (let row = this.rows[this.next]; row && row.day <= day; row = this.rows[this.next]) {
      const strata = this.arms.get(row.arm) ?? new Map<string, Totals>();
      strata.set(row.stratum, addTotals(strata.get(row.stratum) ?? NO_TOTALS, row));
      this.arms.set(row.arm, strata);
      this.next += 1;
    }
  }

  strataOf(arm: string): ReadonlyMap<string, Totals> {
    return this.arms.get(arm) ?? new Map();
  }
}

function totalOf(strata: ReadonlyMap<string, Totals>): Totals {
  return [...strata.values()].reduce(addTotals, NO_TOTALS);
}

import type { DataSource } from 'typeorm';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** What a unit of work writes. */
export interface Effect {
  /** By table; a change counts like a row. */
  rows: Record<string, number>;
  /** By task. */
  jobs: Record<string, number>;
}

export function effectOf({ rows, updates, jobs }: UnitOfWork, dataSource: DataSource): Effect {
  return {
    rows: countBy([...rows, ...updates], ({ entity }) => dataSource.getMetadata(entity).tableName),
    jobs: countBy(jobs, ({ task }) => task),
  };
}

function countBy<T>(values: readonly T[], keyOf: (value: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[keyOf(value)] = (counts[keyOf(value)] ?? 0) + 1;
  return counts;
}

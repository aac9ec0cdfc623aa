import type { EntityManager } from 'typeorm';
import { SqlValues } from '../sql/sql-values.js';
import { type AttemptCounts, type AttemptRow, countsFrom, timedSql } from './attempt-counts.queries.js';
import { percentilesOf, survivalOf } from './attempt-times.js';
import { GROUP, type Way } from './way.js';

/** A part of all persons. */
export interface Slice {
  slice: number;
  slices: number;
}

/** The persons of a slice with the same depth. */
interface Tally {
  depth: number;
  isConverted: boolean;
  isClosed: boolean;
  persons: number;
  seconds: number[];
}

/**
 * Counts the attempts of all persons, a slice in each statement, as `countAttempts` does in one. A million attempts are
 * 8 MB here.
 * @param attempts SQL for the attempts of a slice, with the columns of `attemptsSql`
 */
export async function countInSlices(
  manager: EntityManager,
  attempts: (slice: Slice, values: SqlValues) => string,
  way: Pick<Way, 'asOf' | 'windowMs'> & { stepCount: number },
  slices: number,
): Promise<AttemptCounts> {
  const persons: AttemptRow['persons'] = {};
  const closed: AttemptRow['closed'] = {};
  const converted: Float64Array[] = [];
  const open: Float64Array[] = [];
  for (let slice = 0; slice < slices; slice += 1) {
    for (const tally of await readTallies(manager, (values) => attempts({ slice, slices }, values), way)) {
      add(persons, tally.depth, tally.persons);
      if (tally.isClosed) add(closed, tally.depth, tally.persons);
      (tally.isConverted ? converted : open).push(Float64Array.from(tally.seconds));
    }
  }
  const entries = Object.values(persons).reduce((sum, count) => sum + count, 0);
  const times = sorted(converted);
  const row: AttemptRow = {
    code: GROUP.total,
    persons,
    closed,
    times: percentilesOf(times),
    survival: survivalOf(entries, times, sorted(open)),
    histogram: null,
  };
  return countsFrom(row, way.stepCount);
}

function readTallies(
  manager: EntityManager,
  attempts: (values: SqlValues) => string,
  { asOf, windowMs, stepCount }: Pick<Way, 'asOf' | 'windowMs'> & { stepCount: number },
): Promise<Tally[]> {
  const values = new SqlValues();
  const options = {
    stepCount,
    asOf: values.add(asOf, 'timestamptz'),
    window: `make_interval(secs => ${values.add(windowMs / 1000, 'float8')})`,
  };
  return manager.query(
    `with attempts as (${attempts(values)}), timed as (${timedSql('attempts', options)})
     select depth, is_converted as "isConverted", is_closed as "isClosed", count(*)::int as persons,
       coalesce(array_agg(seconds) filter (where seconds is not null), '{}') as seconds
     from timed group by 1, 2, 3`,
    values.list,
  );
}

function add(counts: Record<string, number>, depth: number, persons: number): void {
  counts[depth] = (counts[depth] ?? 0) + persons;
}

function sorted(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all.toSorted();
}

import type { MilestoneFunnelDto } from '../definitions/funnel.dto.js';
import type { SqlValues } from '../sql/sql-values.js';
import type { Slice } from './sliced-attempts.queries.js';
import { GROUP, type Way } from './way.js';

/**
 * SQL for the attempt of each customer, in the columns of {@link attemptsSql}. Each milestone has one time. `offset 0` makes
 * PostgreSQL read each text as a time once, instead of wherever the time is compared.
 */
export function milestoneAttemptsSql(
  steps: MilestoneFunnelDto['steps'],
  { from, to, asOf, windowMs, slice, slices }: Pick<Way, 'from' | 'to' | 'asOf' | 'windowMs'> & Slice,
  values: SqlValues,
): string {
  const times = steps.map(
    (milestone, index) => `(milestones ->> ${values.add(milestone, 'text')})::timestamptz as at_${index + 1}`,
  );
  const window = `make_interval(secs => ${values.add(windowMs / 1000, 'float8')})`;
  const now = values.add(asOf, 'timestamptz');
  // The last byte of a UUID v7 is random.
  const isInSlice = slices === 1 ? 'true' : `get_byte(uuid_send(customer_id), 15) % ${slices} = ${slice}`;
  const end = `least(at_1 + ${window}, ${now})`;
  const depths = steps.slice(1).map((_, index) => {
    const [before, after] = [`at_${index + 1}`, `at_${index + 2}`];
    return `when (${after} >= ${before} and ${after} <= ${end}) is not true then ${index + 1}`;
  });
  return `select depth, entered_at, case when depth = ${steps.length} then last_at end as converted_at,
      ${GROUP.notReached} as code
    from (
      select case ${depths.join(' ')} else ${steps.length} end as depth, at_1 as entered_at,
        at_${steps.length} as last_at
      from (select ${times.join(', ')} from customer_lifecycles where ${isInSlice} offset 0) as times
      where at_1 >= ${values.add(from, 'timestamptz')} and at_1 < ${values.add(to, 'timestamptz')} and at_1 <= ${now}
    ) as customers`;
}

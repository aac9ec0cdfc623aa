import type { EventSelectionDto } from '../definitions/event-selection.dto.js';
import { eventCondition, filterCondition, IS_ERASED, propertyText } from '../sql/event-conditions.js';
import type { SqlValues } from '../sql/sql-values.js';
import { endOf, GROUP, type Way } from './way.js';

/**
 * SQL for the result of each person with an attempt: `depth` (the number of steps; 0 if all attempts are void),
 * `entered_at`, `converted_at` (null before the last step) and `code` (the group).
 *
 * Rows are sorted once by person, newest first. One pass for each step, from the last to the second, finds for each
 * row the times of the next event of that step and of the steps after it. Later rows have later chains, so that the
 * chain of the nearest row is the minimum over all rows that follow. The window is applied to whole chains, because the
 * first event after a step is in the window if any is.
 */
export function attemptsSql(way: Way, values: SqlValues): string {
  const window = `make_interval(secs => ${values.add(way.windowMs / 1000, 'float8')})`;
  const stepCount = way.steps.length;
  let sql = markedRows(way, window, values);
  for (let step = stepCount; step >= 2; step -= 1) sql = withNextStep(sql, step, way);
  return furthestAttempts(sql, window, way);
}

const FOLLOWING = `window following as (
  partition by person_id order by occurred_at desc, event_id desc rows between unbounded preceding and 1 preceding)`;

/**
 * The events of steps and exclusions in the window of an attempt: `is_<n>` says which steps a row can fill. Each name is
 * read by its index.
 */
function eventRows(way: Way, window: string, values: SqlValues): string {
  const [first] = way.steps as [EventSelectionDto];
  const [from, to] = [values.add(way.from, 'timestamptz'), values.add(way.to, 'timestamptz')];
  const until = values.add(endOf(way), 'timestamptz');
  const beginnings = `occurred_at >= ${from} and occurred_at < ${to} and occurred_at <= ${until}`;
  const names = new Set([...way.steps, ...way.exclusions].map(({ name }) => name));
  const branches = [...names].map((name) => {
    const conditionOf = (selection: EventSelectionDto) =>
      selection.name === name ? filterCondition(selection, values) : 'false';
    const steps = way.steps.map((selection, index) => {
      const condition = conditionOf(selection);
      return index === 0 && condition !== 'false' ? `(${condition} and ${beginnings})` : `(${condition})`;
    });
    const excludes = `(${way.exclusions.map((exclusion) => `(${conditionOf(exclusion)})`).join(' or ') || 'false'})`;
    const columns = [
      ...steps.map((condition, index) => `${condition} as is_${index + 1}`),
      ...(way.exclusions.length > 0 ? [`${excludes} as excludes`] : []),
      ...(way.breakdown ? [`${valueCode(way, name, values)} as value_code`] : []),
    ];
    const isNeeded = [...steps, excludes]
      .filter((condition) => !/^\(+false\)+$/.test(condition))
      .join(' or ');
    return `select person_id, occurred_at, event_id, ${columns.join(', ')} from behaviour_events
      where name = ${values.add(name, 'text')} and occurred_at >= ${from} and occurred_at <= ${until}
        and person_id is not null and (${isNeeded})`;
  });
  return `select * from (${branches.join(' union all ')}) as events
    where exists (
      select from behaviour_events as entries where ${eventCondition(first, values)} and ${beginnings}
        and entries.person_id = events.person_id and events.occurred_at >= entries.occurred_at
        and events.occurred_at <= entries.occurred_at + ${window})`;
}

function valueCode({ breakdown, steps }: Way, name: string, values: SqlValues): string {
  if (!breakdown || steps[breakdown.step - 1]?.name !== name) return '0';
  const { property, versionId } = breakdown;
  const ofPerson = (code: string) => `case when ${IS_ERASED} then ${GROUP.erased} else ${code} end`;
  if (property === undefined) return ofPerson(`case when ${isMember(versionId, values)} then 1 else 2 end`);
  const shown = values.add(breakdown.values, 'text[]');
  return ofPerson(`coalesce(array_position(${shown}, ${propertyText(property, values)}), ${GROUP.other})`);
}

/** Whether one of the customers of a person is a member. */
function isMember(versionId: number | undefined, values: SqlValues): string {
  return `person_id in (
    select people.person_id from segment_members join customers on customers.id = customer_id
    join people on people.user_id = customers.user_id
    where version_id = ${values.add(versionId, 'integer')})`;
}

/**
 * Adds what distinguishes rows of the same time: the number of exclusions from the row on, and a mark that is greater the
 * earlier the row is and ends with the code of its value.
 */
function markedRows(way: Way, window: string, values: SqlValues): string {
  const rows = eventRows(way, window, values);
  if (way.exclusions.length === 0 && !way.breakdown) return rows;
  const columns = [
    ...(way.exclusions.length > 0
      ? [
          'count(*) filter (where excludes) over following + excludes::int as exclusions_left',
          'min(occurred_at) filter (where excludes) over following as next_exclusion_at',
        ]
      : []),
    ...(way.breakdown ? ['row_number() over following * 64 + value_code as mark'] : []),
  ];
  return `select *, ${columns.join(', ')} from (${rows}) as rows ${FOLLOWING}`;
}

/** Adds the times of the chain that begins with the next event of a step. Rows that fill later steps only are left out. */
function withNextStep(sql: string, step: number, { steps, exclusions, breakdown }: Way): string {
  const next = (aggregate: string, name: string) =>
    `${aggregate} filter (where is_${step}) over following as ${name}`;
  const isLast = step === steps.length;
  const earlier = steps.slice(0, step - 1).map((_, index) => `is_${index + 1}`);
  const columns = [
    'person_id, occurred_at, event_id',
    ...earlier,
    ...(exclusions.length > 0
      ? [
          'excludes, exclusions_left, next_exclusion_at',
          next(`max(${isLast ? 'exclusions_left' : 'exclusions_after'})`, 'exclusions_after'),
        ]
      : []),
    ...(breakdown ? ['mark'] : []),
    ...(breakdown && step <= breakdown.step
      ? [next(`max(${step === breakdown.step ? 'mark' : 'value_mark'})`, 'value_mark')]
      : []),
    next('min(occurred_at)', `at_${step}`),
    ...steps.slice(step).map((_, index) => {
      const later = `at_${step + 1 + index}`;
      return next(`min(${later})`, later);
    }),
  ];
  const canFill = [...earlier, `is_${step}`].join(' or ');
  return `select ${columns.join(', ')} from (${sql}) as step_${step} ${isLast ? '' : `where ${canFill}`} ${FOLLOWING}`;
}

/** The furthest attempt of each person; of those, the earliest. */
function furthestAttempts(sql: string, window: string, { steps, exclusions, breakdown }: Way): string {
  const reaches = (step: number) => (step === 1 ? 'true' : `at_${step} <= occurred_at + ${window}`);
  const isValid =
    exclusions.length === 0
      ? 'true'
      : `case when ${reaches(steps.length)} then exclusions_left - excludes::int - exclusions_after = 0
         else next_exclusion_at is null or next_exclusion_at > occurred_at + ${window} end`;
  const where = (step: number) => `filter (where ${reaches(step)} and ${isValid})`;
  const numbers = steps.map((_, index) => index + 1);
  const mark = breakdown?.step === 1 ? 'mark' : 'value_mark';
  const marked = numbers.filter((step) => breakdown && step >= breakdown.step);
  const aggregates = [
    ...numbers.map((step) => `min(occurred_at) ${where(step)} as entered_${step}`),
    `min(at_${steps.length}) ${where(steps.length)} as converted_at`,
    ...marked.map((step) => `max(${mark}) ${where(step)} as mark_${step}`),
  ];
  const deepestFirst = numbers.toReversed();
  const depths = deepestFirst.map((step) => `when entered_${step} is not null then ${step}`);
  const marks = marked.toReversed().map((step) => `mark_${step}`);
  return `select case ${depths.join(' ')} else 0 end as depth,
      coalesce(${deepestFirst.map((step) => `entered_${step}`).join(', ')}) as entered_at, converted_at,
      ${marks.length > 0 ? `(coalesce(${marks.join(', ')}, ${GROUP.notReached}) & 63)::int` : GROUP.notReached} as code
    from (select ${aggregates.join(', ')} from (${sql}) as chains where is_1 group by person_id) as people`;
}

import { isRecentTest } from '../decide-condition.js';
import type { BehaviourCondition, EventFilter, LastEventCondition, PeriodName } from '../rule.js';
import { lengthOf } from '../verdict.js';
import { literal, milliseconds } from './literals.js';
import type { Scope } from './scope.js';
import { jsonOperand, valueTestSql } from './value-test-sql.js';

/** The n-th newest event that counts. */
interface NthNewest {
  /** SQL about a row of `behaviour_events`. */
  tests: string[];
  rank: number;
  /** Older events, by milliseconds, may be left out. Infinity: none may. */
  reach: number;
}

/** The times of the events on which conditions depend. Conditions about the same events share a column. */
export class EventTimes {
  /** By the name of the event. */
  private readonly wanted = new Map<string, NthNewest[]>();

  /** SQL of the time of the n-th newest event that counts, in milliseconds since 1970; null if there are fewer. */
  nthNewest(condition: BehaviourCondition | LastEventCondition, rank: number): string {
    const wanted = {
      tests: testsOf(condition),
      rank,
      reach: condition.type === 'behaviour' ? reachOf(condition) : Infinity,
    };
    const named = this.wanted.get(condition.event) ?? [];
    this.wanted.set(condition.event, named);
    const known = named.findIndex((other) => JSON.stringify(other) === JSON.stringify(wanted));
    if (known === -1) named.push(wanted);
    const group = [...this.wanted.keys()].indexOf(condition.event);
    return columnOf(group, known === -1 ? named.length - 1 : known);
  }

  /** The joins that provide the columns. */
  joins(scope: Scope): string[] {
    if (this.wanted.size === 0) return [];
    const groups = [...this.wanted].map(([event, wanted], group) =>
      scope === 'some' ? byIndex(event, wanted, group) : aggregated(event, wanted, group),
    );
    return ['left join people on people.user_id = customers.user_id', ...groups];
  }
}

const columnOf = (group: number, index: number) => `events_${group}.time_${index}`;

/** Reads each column by index and stops at its event, so that the length of a person's history does not matter. */
function byIndex(event: string, wanted: readonly NthNewest[], group: number): string {
  const columns = wanted.map(
    ({ tests, rank, reach }, index) => `(
      select ${milliseconds('occurred_at')} from behaviour_events
      where person_id = people.person_id and name = ${literal(event)} and ${allOf([...since(reach), ...tests])}
      order by occurred_at desc limit 1 offset ${rank - 1}) as time_${index}`,
  );
  return `cross join lateral (select ${columns.join(', ')} offset 0) as events_${group}`;
}

/** Reads the events of a name once, for all people. */
function aggregated(event: string, wanted: readonly NthNewest[], group: number): string {
  const furthest = Math.max(...wanted.map(({ reach }) => reach));
  const columns = wanted.map((one, index) => `${milliseconds(newest(one))} as time_${index}`);
  return `left join (
      select person_id, ${columns.join(', ')} from behaviour_events
      where person_id is not null and name = ${literal(event)} and ${allOf(since(furthest))}
      group by person_id
    ) as events_${group} on events_${group}.person_id = people.person_id`;
}

/** The time of an event that only has to exist need not be exact: the newest is found without sorting. */
function newest({ tests, rank, reach }: NthNewest): string {
  const counted = `filter (where ${allOf([...since(reach), ...tests])})`;
  if (rank === 1) return `max(occurred_at) ${counted}`;
  if (reach === Infinity)
    return `case when count(*) ${counted} >= ${rank} then max(occurred_at) ${counted} end`;
  return `(array_agg(occurred_at order by occurred_at desc) ${counted})[${rank}]`;
}

const allOf = (conditions: readonly string[]) => ['true', ...conditions].join(' and ');

function since(reach: number): string[] {
  if (reach === Infinity) return [];
  return [`occurred_at >= (select now - interval '${reach / 60_000} minutes' from evaluation)`];
}

function testsOf({ where = [] }: EventFilter): string[] {
  return where.map((test) => valueTestSql(test, jsonOperand('behaviour_events.properties', test.property)));
}

function reachOf(condition: BehaviourCondition): number {
  if (!isRecentTest(condition)) return Infinity;
  return 'during' in condition ? REACHES[condition.during.period] : lengthOf(condition.withinLast);
}

const DAY = 86_400_000;

/** More than the length of a period, also when clocks change. */
const REACHES: Record<PeriodName, number> = { today: 2 * DAY, this_week: 8 * DAY, this_month: 32 * DAY };

import { isRecentTest } from '../decide-condition.js';
import type { BehaviourCondition, EventFilter, LastEventCondition, PeriodName } from '../rule.js';
import { lengthOf } from '../verdict.js';
import { literal, milliseconds } from './literals.js';
import type { Scope } from './scope.js';
import { jsonOperand, valueTestSql } from './value-test-sql.js';

/** Events that conditions count, and which of them they need to know: the n-th newest. */
interface CountedEvents {
  /** SQL about a row of `behaviour_events`. */
  filter: string;
  wanted: { rank: number; reach: number }[];
}

/** The times of the events on which conditions depend. Conditions about the same events share a join. */
export class EventTimes {
  private readonly counted: CountedEvents[] = [];

  constructor(private readonly scope: Scope) {}

  /** SQL of the time of the n-th newest event that counts, in milliseconds since 1970; null if there are fewer. */
  nthNewest(condition: BehaviourCondition | LastEventCondition, rank: number): string {
    const filter = filterOf(condition);
    const known = this.counted.findIndex((other) => other.filter === filter);
    const index = known === -1 ? this.counted.push({ filter, wanted: [] }) - 1 : known;
    const wanted = this.counted[index]?.wanted ?? [];
    wanted.push({ rank, reach: condition.type === 'behaviour' ? reachOf(condition) : Infinity });
    return this.scope === 'some'
      ? `events_${index}.newest[${rank}]`
      : `events_${index}.time_${wanted.length - 1}`;
  }

  /** The joins that provide the times. */
  joins(): string[] {
    if (this.counted.length === 0) return [];
    const join = this.scope === 'some' ? byIndex : aggregated;
    return ['left join people on people.user_id = customers.user_id', ...this.counted.map(join)];
  }
}

/** Reads the newest events by index, no more than needed: the length of a person's history does not matter. */
function byIndex({ filter, wanted }: CountedEvents, index: number): string {
  return `cross join lateral (
      select array(
        select ${milliseconds('occurred_at')} from behaviour_events
        where person_id = people.person_id and ${filter}${since(furthest(wanted))}
        order by occurred_at desc limit ${Math.max(...wanted.map(({ rank }) => rank))}) as newest
      offset 0) as events_${index}`;
}

/** Reads the events of all people once. */
function aggregated({ filter, wanted }: CountedEvents, index: number): string {
  const columns = wanted.map((one, column) => `${milliseconds(nthNewest(one))} as time_${column}`);
  return `left join (
      select person_id, ${columns.join(', ')} from behaviour_events
      where person_id is not null and ${filter}${since(furthest(wanted))}
      group by person_id) as events_${index} on events_${index}.person_id = people.person_id`;
}

/** If an event only has to exist, its time does not matter, and nothing is sorted. */
function nthNewest({ rank, reach }: { rank: number; reach: number }): string {
  if (rank === 1) return 'max(occurred_at)';
  if (reach === Infinity) return `case when count(*) >= ${rank} then max(occurred_at) end`;
  return `(array_agg(occurred_at order by occurred_at desc) filter (where true${since(reach)}))[${rank}]`;
}

const furthest = (wanted: CountedEvents['wanted']) => Math.max(...wanted.map(({ reach }) => reach));

function filterOf({ event, where = [] }: EventFilter): string {
  const tests = where.map((test) =>
    valueTestSql(test, jsonOperand('behaviour_events.properties', test.property)),
  );
  return [`name = ${literal(event)}`, ...tests].join(' and ');
}

function since(reach: number): string {
  if (reach === Infinity) return '';
  return ` and occurred_at >= (select now - interval '${reach / 60_000} minutes' from evaluation)`;
}

/** How far back events can matter, in milliseconds. */
function reachOf(condition: BehaviourCondition): number {
  if (!isRecentTest(condition)) return Infinity;
  return 'during' in condition ? REACHES[condition.during.period] : lengthOf(condition.withinLast);
}

const DAY = 86_400_000;

/** More than the length of a period, also when clocks change. */
const REACHES: Record<PeriodName, number> = { today: 2 * DAY, this_week: 8 * DAY, this_month: 32 * DAY };

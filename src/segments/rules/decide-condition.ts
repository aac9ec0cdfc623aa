import { bucketOf } from '../../platform/bucketing/hash-bucket.js';
import { periodClock } from './calendar.js';
import type { CustomerFacts, EventFact } from './customer-facts.js';
import { FIELD_VALUES } from './fields.js';
import type {
  BehaviourCondition,
  Condition,
  EventFilter,
  FieldCondition,
  LastEventCondition,
  MilestoneCondition,
  PredictionCondition,
  RecentTest,
  SegmentIds,
} from './rule.js';
import { ownValue, valueTest } from './value-tests.js';
import { timeOf } from './values.js';
import { ALWAYS, atLeastAgo, lengthOf, lessThanAgo, NEVER, settled, type Verdict } from './verdict.js';

/** Decides about a customer at a time (milliseconds since 1970). */
export type Decision = (facts: CustomerFacts, now: number) => Verdict;

/** @throws Error if the condition mentions a segment that is gone, which `parseRule` reports */
export function decideCondition(condition: Condition, segments: SegmentIds): Decision {
  switch (condition.type) {
    case 'field':
      return field(condition);
    case 'metadata': {
      const passes = valueTest(condition);
      return ({ customer }) => settled(passes(ownValue(customer.metadata, condition.key)));
    }
    case 'stage':
      return ({ lifecycle }) => settled(condition.in.some((stage) => stage === lifecycle?.stage));
    case 'in_stage_for': {
      const window = lengthOf(condition.atLeast);
      return ({ lifecycle }, now) => atLeastAgo(lifecycle?.enteredAt ?? null, window, now);
    }
    case 'milestone':
      return milestone(condition);
    case 'behaviour':
      return behaviour(condition);
    case 'last_event':
      return lastEvent(condition);
    case 'mrr': {
      const passes = valueTest(condition);
      return ({ mrr }) => settled(passes(ownValue(mrr, condition.currency)));
    }
    case 'segment': {
      const id = segmentId(condition.segment, segments);
      return ({ memberOf }) => settled(memberOf.has(id));
    }
    case 'arm': {
      const arms = new Set(condition.in);
      return (facts) => settled(arms.has(facts.arms.get(condition.experiment) ?? ''));
    }
    case 'prediction':
      return prediction(condition);
    case 'bucket': {
      const { unit, seed, from, to } = condition;
      return ({ customerId, userId }) => {
        const id = unit === 'user' ? userId : customerId;
        const bucket = id === null ? NaN : bucketOf(seed, id);
        return settled(bucket >= from && bucket < to);
      };
    }
  }
}

function prediction(condition: PredictionCondition): Decision {
  const score = ({ predictions }: CustomerFacts) => Number(ownValue(predictions, condition.target) ?? NaN);
  if ('atLeast' in condition) return (facts) => settled(score(facts) >= condition.atLeast);
  return (facts) => settled(score(facts) <= condition.atMost);
}

export function segmentId(name: string, segments: SegmentIds): number {
  const id = segments.get(name);
  if (id === undefined) throw new Error(`The rule mentions the segment ${name}, which does not exist`);
  return id;
}

function field(condition: FieldCondition): Decision {
  if (condition.field !== 'created_at') {
    const valueOf = FIELD_VALUES[condition.field];
    const passes = valueTest(condition);
    return ({ customer }) => settled(passes(valueOf(customer)));
  }
  if ('before' in condition) {
    const time = Date.parse(condition.before);
    return ({ customer }) => settled(customer.createdAt < time);
  }
  if ('after' in condition) {
    const time = Date.parse(condition.after);
    return ({ customer }) => settled(customer.createdAt > time);
  }
  const isRecent = recent(condition);
  return ({ customer }, now) => isRecent(customer.createdAt, now);
}

export function isRecentTest<T extends object>(test: T): test is T & RecentTest {
  return 'withinLast' in test || 'during' in test;
}

/** The test of a time by how long ago it is. */
export function recent(test: RecentTest): (time: number | null, now: number) => Verdict {
  if ('withinLast' in test) {
    const window = lengthOf(test.withinLast);
    return (time, now) => lessThanAgo(time, window, now);
  }
  const periodAt = periodClock(test.during);
  return (time, now) => {
    const { start, end } = periodAt(now);
    return time !== null && time >= start ? end : NEVER;
  };
}

function milestone(condition: MilestoneCondition): Decision {
  const reachedAt = ({ milestones }: CustomerFacts) => timeOf(ownValue(milestones, condition.milestone));
  if (isRecentTest(condition)) {
    const isRecent = recent(condition);
    return (facts, now) => isRecent(reachedAt(facts), now);
  }
  if ('withinFirst' in condition) {
    const window = lengthOf(condition.withinFirst);
    return (facts) => settled((reachedAt(facts) ?? NaN) <= facts.customer.createdAt + window);
  }
  return (facts) => settled(reachedAt(facts) !== null);
}

/** `count >= n` is true while the n-th newest event counts; `count <= n` is false while the event after it does. */
function behaviour(condition: BehaviourCondition): Decision {
  const nth = nthNewest(condition, rankOf(condition));
  const isRecent = isRecentTest(condition) ? recent(condition) : null;
  const isEnough: Decision = (facts, now) => {
    const event = nth(facts);
    if (event === undefined) return NEVER;
    return isRecent ? isRecent(event.occurredAt, now) : ALWAYS;
  };
  return 'atLeast' in condition ? isEnough : (facts, now) => -isEnough(facts, now);
}

/** The rank, from the newest, of the event on which the condition depends. */
export function rankOf(condition: BehaviourCondition): number {
  return 'atLeast' in condition ? condition.atLeast : condition.atMost + 1;
}

function nthNewest(filter: EventFilter, rank: number): (facts: CustomerFacts) => EventFact | undefined {
  const passes = eventTest(filter);
  return ({ events }) => {
    const named = events.get(filter.event) ?? [];
    if (!filter.where) return named[rank - 1];
    let left = rank;
    return named.find((event) => passes(event) && --left === 0);
  };
}

/** Whether an event of the filter's name counts. */
export function eventTest({ where = [] }: EventFilter): (event: EventFact) => boolean {
  const tests = where.map((test) => ({ property: test.property, passes: valueTest(test) }));
  return ({ properties }) => tests.every(({ property, passes }) => passes(ownValue(properties, property)));
}

function lastEvent(condition: LastEventCondition): Decision {
  const last = nthNewest(condition, 1);
  const isLong = 'atLeast' in condition;
  const window = lengthOf(isLong ? condition.atLeast : condition.lessThan);
  const compare = isLong ? atLeastAgo : lessThanAgo;
  return (facts, now) => compare(last(facts)?.occurredAt ?? null, window, now);
}

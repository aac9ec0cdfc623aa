import { isRecentTest, rankOf, segmentId } from '../decide-condition.js';
import type {
  ArmCondition,
  BehaviourCondition,
  Condition,
  FieldCondition,
  LastEventCondition,
  MilestoneCondition,
  PredictionCondition,
  RecentTest,
  SegmentIds,
} from '../rule.js';
import { ISO_TIME } from '../values.js';
import { lengthOf } from '../verdict.js';
import type { Clock } from './clock.js';
import type { EventTimes } from './event-times.js';
import { CREATED_AT, FIELD_OPERANDS } from './field-sql.js';
import { float, literal, matches, milliseconds } from './literals.js';
import { predictionAlias } from './prediction-join.js';
import { jsonOperand, valueTestSql } from './value-test-sql.js';
import type { Scope } from './scope.js';
import { ALWAYS, NEVER, notSql, type SqlVerdict } from './verdict-sql.js';

/** What the conditions of a statement share. */
export interface Sources {
  scope: Scope;
  segments: SegmentIds;
  clock: Clock;
  events: EventTimes;
  /** SQL of the verdicts about segments that the statement decides itself, by id. */
  decided: ReadonlyMap<number, string>;
}

/** SQL of the verdict of a condition. */
export function conditionSql(condition: Condition, sources: Sources): SqlVerdict {
  switch (condition.type) {
    case 'field':
      return field(condition, sources);
    case 'metadata':
      return settled(valueTestSql(condition, jsonOperand('customers.metadata', condition.key)));
    case 'stage':
      return settled(`customer_lifecycles.stage in (${condition.in.map(literal).join(', ')})`);
    case 'in_stage_for': {
      const enteredAt = milliseconds('customer_lifecycles.stage_entered_at');
      return atLeastAgo(enteredAt, lengthOf(condition.atLeast), sources);
    }
    case 'milestone':
      return milestone(condition, sources);
    case 'behaviour':
      return behaviour(condition, sources);
    case 'last_event':
      return lastEvent(condition, sources);
    case 'mrr':
      return settled(valueTestSql(condition, jsonOperand('customer_revenues.mrr', condition.currency)));
    case 'segment':
      return segment(segmentId(condition.segment, sources.segments), sources);
    case 'arm':
      return settled(armSql(condition, sources.scope));
    case 'prediction':
      return prediction(condition);
    case 'bucket': {
      const unit = condition.unit === 'user' ? 'customers.user_id' : 'customers.id::text';
      const bucket = `hash_bucket(${literal(condition.seed)}, ${unit})`;
      return settled(`${bucket} >= ${float(condition.from)} and ${bucket} < ${float(condition.to)}`);
    }
  }
}

const settled = (isTrue: string): SqlVerdict => ({ settled: isTrue });
const timed = (verdict: string): SqlVerdict => ({ timed: verdict });

function atLeastAgo(time: string, window: number, { clock }: Sources): SqlVerdict {
  const then = `${time} + ${float(window)}`;
  return timed(`case when ${then} <= ${clock.now} then ${ALWAYS} else coalesce(-(${then}), ${NEVER}) end`);
}

function lessThanAgo(time: string, window: number, { clock }: Sources): SqlVerdict {
  const then = `${time} + ${float(window)}`;
  return timed(`case when ${then} > ${clock.now} then ${then} else ${NEVER} end`);
}

function recent(test: RecentTest, time: string, sources: Sources): SqlVerdict {
  if ('withinLast' in test) return lessThanAgo(time, lengthOf(test.withinLast), sources);
  const { start, end } = sources.clock.period(test.during);
  return timed(`case when ${time} >= ${start} then ${end} else ${NEVER} end`);
}

function field(condition: FieldCondition, sources: Sources): SqlVerdict {
  if (condition.field !== 'created_at') {
    return settled(valueTestSql(condition, FIELD_OPERANDS[condition.field]));
  }
  if ('before' in condition) return settled(`${CREATED_AT} < ${float(Date.parse(condition.before))}`);
  if ('after' in condition) return settled(`${CREATED_AT} > ${float(Date.parse(condition.after))}`);
  return recent(condition, CREATED_AT, sources);
}

function milestone(condition: MilestoneCondition, sources: Sources): SqlVerdict {
  const text = `(customer_lifecycles.milestones ->> ${literal(condition.milestone)})`;
  const time = `case when ${matches(text, ISO_TIME)} then ${milliseconds(`${text}::timestamptz`)} end`;
  if (isRecentTest(condition)) return recent(condition, `(${time})`, sources);
  if ('withinFirst' in condition) {
    return settled(`(${time}) <= ${CREATED_AT} + ${float(lengthOf(condition.withinFirst))}`);
  }
  return settled(`(${time}) is not null`);
}

function behaviour(condition: BehaviourCondition, sources: Sources): SqlVerdict {
  const time = sources.events.nthNewest(condition, rankOf(condition));
  const isEnough = isRecentTest(condition)
    ? recent(condition, time, sources)
    : settled(`${time} is not null`);
  return 'atLeast' in condition ? isEnough : notSql(isEnough);
}

function lastEvent(condition: LastEventCondition, sources: Sources): SqlVerdict {
  const time = sources.events.nthNewest(condition, 1);
  return 'atLeast' in condition
    ? atLeastAgo(time, lengthOf(condition.atLeast), sources)
    : lessThanAgo(time, lengthOf(condition.lessThan), sources);
}

/** Few customers are looked up one by one. All units with such an arm are read once. */
function armSql({ experiment, in: arms }: ArmCondition, scope: Scope): string {
  const units = `
    select experiment_units.user_id from experiment_units
    cross join unnest(experiment_units.phase_ids, experiment_units.arms) as held (phase_id, arm)
    join experiment_phases on experiment_phases.id = held.phase_id
    join experiments on experiments.id = experiment_phases.experiment_id
    where experiments.name = ${literal(experiment)} and experiment_phases.arms -> held.arm ->> 'key' in (${arms.map(literal).join(', ')})`;
  return scope === 'some'
    ? `exists (${units} and experiment_units.user_id = customers.user_id)`
    : `customers.user_id in (${units})`;
}

function prediction(condition: PredictionCondition): SqlVerdict {
  const score = `${predictionAlias(condition.target)}.score`;
  return settled(
    'atLeast' in condition
      ? `${score} >= ${float(condition.atLeast)}`
      : `${score} <= ${float(condition.atMost)}`,
  );
}

function segment(id: number, { decided }: Sources): SqlVerdict {
  const verdict = decided.get(id);
  return settled(verdict === undefined ? `${id} = any (customer_segments.member_of)` : `${verdict} > 0`);
}

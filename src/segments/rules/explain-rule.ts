import { bucketOf } from '../../platform/bucketing/hash-bucket.js';
import type { CustomerFacts } from './customer-facts.js';
import { eventTest, isRecentTest, rankOf, recent, segmentId } from './decide-condition.js';
import { evaluate, type Evaluation } from './evaluate-rule.js';
import { FIELD_VALUES } from './fields.js';
import type { BehaviourCondition, Condition, LastEventCondition, Rule, SegmentIds } from './rule.js';
import { ownValue } from './value-tests.js';
import { timeOf } from './values.js';

/** A node of a rule with its truth for one customer. */
export interface Explanation extends Evaluation {
  kind: 'all' | 'any' | 'not' | 'condition';
  /** The members of a group; none for a condition. */
  members: Explanation[];
  condition: Condition | null;
  /** What the condition looked at; null for a group. */
  seen: Seen | null;
}

export interface Seen {
  /** The compared value. For events: how many count. Null where it is missing. */
  value: unknown;
  /**
   * When the stage was entered or the milestone reached, or the time of the deciding event: the one with which the count
   * was reached, or the last one. Null where there is none.
   */
  at: Date | null;
}

/** Why a rule is true or false for a customer. Unlike an evaluation, it looks at every node. */
export function explain(rule: Rule, segments: SegmentIds, facts: CustomerFacts, now: Date): Explanation {
  const evaluation = evaluate(rule, segments, facts, now);
  const group = membersOf(rule);
  if (group) {
    const members = group.members.map((member) => explain(member, segments, facts, now));
    return { ...evaluation, kind: group.kind, members, condition: null, seen: null };
  }
  const condition = rule as Condition;
  const { value, at } = seenBy(condition, segments, facts, now.getTime());
  const seen = { value: value ?? null, at: at === null ? null : new Date(at) };
  return { ...evaluation, kind: 'condition', members: [], condition, seen };
}

function membersOf(rule: Rule): { kind: 'all' | 'any' | 'not'; members: Rule[] } | null {
  if ('all' in rule) return { kind: 'all', members: rule.all };
  if ('any' in rule) return { kind: 'any', members: rule.any };
  return 'not' in rule ? { kind: 'not', members: [rule.not] } : null;
}

function seenBy(
  condition: Condition,
  segments: SegmentIds,
  facts: CustomerFacts,
  now: number,
): { value: unknown; at: number | null } {
  const { customer, lifecycle } = facts;
  switch (condition.type) {
    case 'field':
      if (condition.field === 'created_at') return { value: null, at: customer.createdAt };
      return { value: FIELD_VALUES[condition.field](customer), at: null };
    case 'metadata':
      return { value: ownValue(customer.metadata, condition.key), at: null };
    case 'stage':
    case 'in_stage_for':
      return { value: lifecycle?.stage, at: lifecycle?.enteredAt ?? null };
    case 'milestone': {
      const at = timeOf(ownValue(facts.milestones, condition.milestone));
      return { value: at !== null, at };
    }
    case 'behaviour':
    case 'last_event':
      return seenEvents(condition, facts, now);
    case 'mrr':
      return { value: ownValue(facts.mrr, condition.currency), at: null };
    case 'segment':
      return { value: facts.memberOf.has(segmentId(condition.segment, segments)), at: null };
    case 'arm':
      return { value: facts.arms.get(condition.experiment), at: null };
    case 'prediction':
      return { value: ownValue(facts.predictions, condition.target), at: null };
    case 'bucket': {
      const unit = condition.unit === 'user' ? facts.userId : facts.customerId;
      return { value: unit === null ? null : bucketOf(condition.seed, unit), at: null };
    }
  }
}

function seenEvents(condition: BehaviourCondition | LastEventCondition, facts: CustomerFacts, now: number) {
  const named = (facts.events.get(condition.event) ?? []).filter(eventTest(condition));
  if (condition.type === 'last_event') return { value: named.length, at: named[0]?.occurredAt ?? null };
  const isRecent = isRecentTest(condition) ? recent(condition) : null;
  const counted = named.filter(({ occurredAt }) => !isRecent || isRecent(occurredAt, now) > 0);
  return { value: counted.length, at: counted[counted.length - rankOf(condition)]?.occurredAt ?? null };
}

import type { CustomerFacts } from './customer-facts.js';
import { decideCondition, type Decision } from './decide-condition.js';
import type { Rule, SegmentIds } from './rule.js';
import { ALWAYS, NEVER, type Verdict } from './verdict.js';

export interface Evaluation {
  isTrue: boolean;
  /** Time alone does not change the truth before this time. Null: it never does. */
  flipsAt: Date | null;
}

/** The truth of a rule for one customer. A `segment` condition flips with the facts, never with time. */
export function evaluate(rule: Rule, segments: SegmentIds, facts: CustomerFacts, now: Date): Evaluation {
  return evaluationOf(decision(rule, segments)(facts, now.getTime()));
}

export function evaluationOf(verdict: Verdict): Evaluation {
  const time = Math.abs(verdict);
  return { isTrue: verdict > 0, flipsAt: time === Infinity ? null : new Date(time) };
}

/**
 * The decision of a rule about each customer, as a closure of closures: it is made once, and runs for each new customer.
 * @throws Error if the rule mentions a segment that is not among `segments`
 */
export function decision(rule: Rule, segments: SegmentIds): Decision {
  if ('all' in rule) return lowest(rule.all.map((member) => decision(member, segments)));
  if ('any' in rule) return highest(rule.any.map((member) => decision(member, segments)));
  if ('not' in rule) {
    const decide = decision(rule.not, segments);
    return (facts, now) => -decide(facts, now);
  }
  return decideCondition(rule, segments);
}

function lowest(decisions: readonly Decision[]): Decision {
  return (facts, now) => {
    let verdict = ALWAYS;
    for (const decide of decisions) {
      verdict = Math.min(verdict, decide(facts, now));
      if (verdict === NEVER) break;
    }
    return verdict;
  };
}

function highest(decisions: readonly Decision[]): Decision {
  return (facts, now) => {
    let verdict = NEVER;
    for (const decide of decisions) {
      verdict = Math.max(verdict, decide(facts, now));
      if (verdict === ALWAYS) break;
    }
    return verdict;
  };
}

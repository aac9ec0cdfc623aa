import type { PredictionTarget } from '../../events/prediction-targets.js';
import type { Condition, Rule, SegmentIds } from './rule.js';

/**
 * What a rule depends on. `user` is the MINGUS user that the customer is linked to, `time` is the passing of time;
 * segments are named by their ids.
 */
export type RuleInput =
  | 'customer'
  | 'user'
  | 'stage'
  | 'milestone'
  | 'mrr'
  | 'arm'
  | 'time'
  | `behaviour:${string}`
  | `segment:${number}`
  | `prediction:${PredictionTarget}`;

/** The inputs whose change may change the truth of the rule. */
export function inputsOf(rule: Rule, segments: SegmentIds): ReadonlySet<RuleInput> {
  return new Set(
    conditionsOf(rule).flatMap((condition) => [
      ...factsOf(condition, segments),
      ...(isTimed(condition) ? (['time'] as const) : []),
    ]),
  );
}

/** The names of the segments that a rule mentions. */
export function segmentsOf(rule: Rule): string[] {
  const names = conditionsOf(rule).flatMap((condition) =>
    condition.type === 'segment' ? [condition.segment] : [],
  );
  return [...new Set(names)];
}

/** The names of the events that a rule counts. */
export function eventsOf(rule: Rule): string[] {
  const names = conditionsOf(rule).flatMap((condition) => ('event' in condition ? [condition.event] : []));
  return [...new Set(names)];
}

/** Whether a rule can be decided before its customer exists: arms, behaviour and predictions are not known by then. */
export function isKnownAtCreation(rule: Rule): boolean {
  return conditionsOf(rule).every(({ type }) => !LATER_CONDITIONS.has(type));
}

const LATER_CONDITIONS: ReadonlySet<Condition['type']> = new Set([
  'behaviour',
  'last_event',
  'arm',
  'prediction',
]);

/** The predictions that a rule is about. */
export function predictionsOf(rule: Rule): PredictionTarget[] {
  const targets = conditionsOf(rule).flatMap((condition) =>
    condition.type === 'prediction' ? [condition.target] : [],
  );
  return [...new Set(targets)];
}

/** Whether a rule has a condition about a prediction. */
export function isAboutPredictions(rule: Rule): boolean {
  return predictionsOf(rule).length > 0;
}

/** The conditions below a `not`, however often it is negated. */
export function negatedConditionsOf(rule: Rule): Condition[] {
  if ('all' in rule) return rule.all.flatMap(negatedConditionsOf);
  if ('any' in rule) return rule.any.flatMap(negatedConditionsOf);
  return 'not' in rule ? conditionsOf(rule.not) : [];
}

/** The time zones that a rule names. PostgreSQL must know them, too: its list may be older than that of Node. */
export function zonesOf(rule: Rule): string[] {
  const zones = conditionsOf(rule).flatMap((condition) =>
    'during' in condition && condition.during ? [condition.during.zone] : [],
  );
  return [...new Set(zones)];
}

/** The conditions of a rule, in the order in which they are written. */
export function conditionsOf(rule: Rule): Condition[] {
  if ('all' in rule) return rule.all.flatMap(conditionsOf);
  if ('any' in rule) return rule.any.flatMap(conditionsOf);
  return 'not' in rule ? conditionsOf(rule.not) : [rule];
}

function factsOf(condition: Condition, segments: SegmentIds): RuleInput[] {
  switch (condition.type) {
    case 'field':
    case 'metadata':
      return ['customer'];
    case 'stage':
    case 'in_stage_for':
      return ['stage'];
    case 'milestone':
      return 'withinFirst' in condition ? ['milestone', 'customer'] : ['milestone'];
    case 'behaviour':
    case 'last_event':
      return ['user', `behaviour:${condition.event}`];
    case 'mrr':
      return ['mrr'];
    case 'segment': {
      const id = segments.get(condition.segment);
      return id === undefined ? [] : [`segment:${id}`];
    }
    case 'arm':
      return ['user', 'arm'];
    case 'prediction':
      return [`prediction:${condition.target}`];
    case 'bucket':
      return condition.unit === 'user' ? ['user'] : [];
  }
}

/** Whether the passing of time alone can change the truth of a condition. */
function isTimed(condition: Condition): boolean {
  const isRecent = 'withinLast' in condition || 'during' in condition;
  return isRecent || condition.type === 'in_stage_for' || condition.type === 'last_event';
}

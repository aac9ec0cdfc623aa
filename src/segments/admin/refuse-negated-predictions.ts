import { DomainError } from '../../platform/http/domain-error.js';
import { conditionsOf, isAboutPredictions, negatedConditionsOf } from '../rules/inputs-of.js';
import type { Condition, Rule } from '../rules/rule.js';

interface NamedRule {
  /** Missing for a preview. */
  name: string | undefined;
  rule: Rule;
}

/**
 * A condition about a prediction is false for customers held out from interventions, so below a `not` it would be true
 * for them. Neither the rule may have that, by itself or through a segment that it mentions, nor a stored rule after it.
 * @throws DomainError rule_invalid
 */
export function refuseNegatedPredictions(rule: NamedRule, stored: readonly NamedRule[]): void {
  const all = [rule, ...stored];
  const predicting = predictingSegments(all);
  const isPredicting = (condition: Condition) =>
    condition.type === 'prediction' || (condition.type === 'segment' && predicting.has(condition.segment));
  const problems = all.flatMap(({ name, rule: checked }) =>
    negatedConditionsOf(checked)
      .filter(isPredicting)
      .map((condition) => problemOf(condition, name === rule.name ? undefined : name)),
  );
  if (problems.length > 0) throw new DomainError('rule_invalid', 'The rule has problems', problems);
}

/** The segments whose rules have a condition about a prediction, or mention a segment that has one. */
function predictingSegments(rules: readonly NamedRule[]): ReadonlySet<string> {
  const predicting = new Set<string>();
  for (let before = -1; before < predicting.size;) {
    before = predicting.size;
    for (const { name, rule } of rules) {
      const mentions = conditionsOf(rule).some(
        (one) => one.type === 'segment' && predicting.has(one.segment),
      );
      if (name !== undefined && (mentions || isAboutPredictions(rule))) predicting.add(name);
    }
  }
  return predicting;
}

function problemOf(condition: Condition, segment: string | undefined): string {
  const place = segment === undefined ? 'rule' : `segment ${segment}`;
  const what =
    condition.type === 'segment'
      ? `the segment ${condition.segment}, which is about a prediction`
      : 'a prediction';
  return `${place}: negated_prediction: A not may not contain ${what}: the customers held out would be members`;
}

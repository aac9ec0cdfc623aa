import type { EntityManager } from 'typeorm';
import { DomainError } from '../../platform/http/domain-error.js';
import { conditionsOf, isKnownAtCreation, segmentsOf, zonesOf } from '../rules/inputs-of.js';
import { orderSegments } from '../rules/order-segments.js';
import { parseRule } from '../rules/parse-rule.js';
import type { Rule } from '../rules/rule.js';
import { refuseNegatedPredictions } from './refuse-negated-predictions.js';

const CONDITIONS_MAX = 2000;
const EVENT_CONDITIONS_MAX = 200;

interface StoredRule {
  name: string;
  rule: Rule;
}

/**
 * Reads the rule of a caller.
 * @param name the segment that it is for; missing for a preview
 * @throws DomainError rule_invalid with each problem and its place
 */
export async function checkRule(manager: EntityManager, json: unknown, name?: string): Promise<Rule> {
  const serving = await manager.query<{ name: string }[]>(SERVING);
  const parsed = parseRule(json, new Set(serving.map((segment) => segment.name)));
  if ('problems' in parsed) {
    const problems = parsed.problems.map(({ path, code, detail }) => `${path || 'rule'}: ${code}: ${detail}`);
    throw new DomainError('rule_invalid', 'The rule has problems', problems);
  }
  await refuseUnknownZones(manager, parsed.rule);
  const stored = await manager.query<StoredRule[]>(RULES);
  refuseNegatedPredictions(
    { name, rule: parsed.rule },
    stored.filter((one) => one.name !== name),
  );
  if (name !== undefined) await refuseCycle(manager, name, parsed.rule);
  return parsed.rule;
}

/**
 * Transactions evaluate all rules that they affect, so the conditions of all segments together are limited. Those about
 * events cost the most, because each one reads them.
 * @throws DomainError too_many_conditions
 */
export async function refuseCostlyRules(manager: EntityManager, name: string, rule: Rule): Promise<void> {
  const stored = await manager.query<StoredRule[]>(RULES);
  const others = stored.filter((one) => one.name !== name);
  const conditions = [rule, ...others.map((one) => one.rule)].flatMap(conditionsOf);
  const aboutEvents = conditions.filter((condition) => 'event' in condition).length;
  if (conditions.length > CONDITIONS_MAX || aboutEvents > EVENT_CONDITIONS_MAX)
    throw new DomainError(
      'too_many_conditions',
      `All segments together have at most ${CONDITIONS_MAX} conditions, ${EVENT_CONDITIONS_MAX} of them about events; ` +
        `these would be ${conditions.length} and ${aboutEvents}`,
    );
}

/**
 * Checks that a segment, and all that it mentions, can be decided before its customer exists. Segments do not change
 * until the transaction ends.
 * @throws DomainError segment_unsuitable
 */
export async function requireKnownAtCreation(manager: EntityManager, name: string): Promise<void> {
  await manager.query('select from segment_revisions for share');
  const stored = await manager.query<StoredRule[]>(RULES);
  const names = new Set([name]);
  for (const needed of names) {
    const rules = stored.filter((one) => one.name === needed).map(({ rule }) => rule);
    if (rules.length === 0) throw new DomainError('segment_unsuitable', `There is no segment ${needed}`);
    if (!rules.every(isKnownAtCreation))
      throw new DomainError(
        'segment_unsuitable',
        `Whether a new customer is a member of ${name} is not known at its creation: ${needed} is about behaviour, arms or predictions`,
      );
    for (const mentioned of rules.flatMap(segmentsOf)) names.add(mentioned);
  }
}

/** The segments that the rules of each segment mention, filling versions included. */
export async function mentionsOf(manager: EntityManager): Promise<Map<string, string[]>> {
  const mentions = new Map<string, string[]>();
  for (const { name, rule } of await manager.query<StoredRule[]>(RULES))
    mentions.set(name, [...(mentions.get(name) ?? []), ...segmentsOf(rule)]);
  return mentions;
}

/** PostgreSQL may know fewer zones than Node, and an evaluation that fails would fail the transaction of an event. */
async function refuseUnknownZones(manager: EntityManager, rule: Rule): Promise<void> {
  const unknown = await manager.query<{ zone: string }[]>(UNKNOWN_ZONES, [zonesOf(rule)]);
  if (unknown.length > 0)
    throw new DomainError(
      'rule_invalid',
      'The rule has problems',
      unknown.map(({ zone }) => `rule: unknown_zone: The database does not know the zone ${zone}`),
    );
}

async function refuseCycle(manager: EntityManager, name: string, rule: Rule): Promise<void> {
  const mentions = await mentionsOf(manager);
  mentions.set(name, [...(mentions.get(name) ?? []), ...segmentsOf(rule)]);
  const sorted = orderSegments(mentions);
  if ('cycle' in sorted)
    throw new DomainError('rule_invalid', 'Segments would mention each other', [
      `rule: cycle: ${[...sorted.cycle, sorted.cycle[0]].join(' → ')}`,
    ]);
}

const UNKNOWN_ZONES = `
  select zone from unnest($1::text[]) as zone where zone not in (select name from pg_timezone_names)`;

const SERVING = 'select name from segments where serving_version_id is not null';

const RULES = `
  select name, rule from segment_versions versions join segments on segments.id = segment_id
  where status <> 'retired'`;

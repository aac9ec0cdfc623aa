import { expect, it } from 'vitest';
import { eventsOf, inputsOf, segmentsOf, zonesOf } from './inputs-of.js';
import type { Rule } from './rule.js';

const SEGMENTS = new Map([['payers', 7]]);

it.each<[Rule, string[]]>([
  [{ type: 'field', field: 'livemode', equals: true }, ['customer']],
  [{ type: 'field', field: 'created_at', withinLast: { days: 1 } }, ['customer', 'time']],
  [{ type: 'metadata', key: 'plan', present: true }, ['customer']],
  [{ type: 'stage', in: ['active'] }, ['stage']],
  [{ type: 'in_stage_for', atLeast: { days: 1 } }, ['stage', 'time']],
  [{ type: 'milestone', milestone: 'activated', reached: true }, ['milestone']],
  [{ type: 'milestone', milestone: 'activated', withinFirst: { days: 1 } }, ['milestone', 'customer']],
  [{ type: 'behaviour', event: 'login', atMost: 0 }, ['user', 'behaviour:login']],
  [{ type: 'last_event', event: 'login', atLeast: { days: 1 } }, ['user', 'behaviour:login', 'time']],
  [{ type: 'mrr', currency: 'usd', equals: 0 }, ['mrr']],
  [{ not: { type: 'segment', segment: 'payers' } }, ['segment:7']],
  [{ type: 'bucket', unit: 'customer', seed: 's', from: 0, to: 1 }, []],
  [{ type: 'bucket', unit: 'user', seed: 's', from: 0, to: 1 }, ['user']],
])('the inputs of %j are %j', (rule, inputs) => {
  expect([...inputsOf({ all: [{ any: [rule] }] }, SEGMENTS)]).toEqual(inputs);
});

it('each segment, event and zone is named once', () => {
  const payers: Rule = { type: 'segment', segment: 'payers' };
  const login = { type: 'behaviour', event: 'login', atLeast: 1 } as const;
  const recent: Rule = { ...login, during: { period: 'today', zone: 'Europe/Berlin' } };
  const rule: Rule = { any: [payers, login, recent, { not: { all: [payers, recent] } }] };
  expect(segmentsOf(rule)).toEqual(['payers']);
  expect(eventsOf(rule)).toEqual(['login']);
  expect(zonesOf(rule)).toEqual(['Europe/Berlin']);
});

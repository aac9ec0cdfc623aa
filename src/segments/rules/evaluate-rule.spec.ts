import { describe, expect, it } from 'vitest';
import type { CustomerFacts } from './customer-facts.js';
import { evaluate } from './evaluate-rule.js';
import { explain } from './explain-rule.js';
import type { Rule } from './rule.js';

const SEGMENTS = new Map([['payers', 7]]);
const at = (time: string) => Date.parse(`2026-${time}Z`);
const FACTS: CustomerFacts = {
  customerId: '0193b0e6-0000-7000-8000-000000000000',
  userId: 'user_1',
  customer: {
    email: 'Ann@Example.ORG',
    name: 'Ann',
    phone: null,
    address: { country: 'DE' },
    metadata: { plan: 'pro', seats: '12', note: '' },
    preferredLocales: ['pt-BR'],
    currency: 'eur',
    account: null,
    livemode: true,
    delinquent: null,
    createdAt: at('03-01T00:00:00'),
  },
  lifecycle: { stage: 'trialing', enteredAt: at('03-05T00:00:00') },
  milestones: { activated: '2026-03-03T00:00:00.000Z', first_payment: null },
  predictions: {},
  mrr: { eur: 9900, usd: 0 },
  events: new Map([
    [
      'share',
      [
        { occurredAt: at('03-10T09:00:00'), properties: { team: 3 } },
        { occurredAt: at('03-09T09:00:00'), properties: { team: 1 } },
        { occurredAt: at('03-09T09:00:00'), properties: { team: 3 } },
      ],
    ],
  ]),
  arms: new Map([['welcome', 'b']]),
  memberOf: new Set([7]),
};
/** A Tuesday. */
const NOW = '03-10T12:00:00';
const NEVER = null;

const share = (more: object) => ({ type: 'behaviour', event: 'share', ...more }) as Rule;
const lastShare = (more: object) => ({ type: 'last_event', event: 'share', ...more }) as Rule;
const metadata = (key: string, test: object) => ({ type: 'metadata', key, ...test }) as Rule;
const field = (name: string, test: object) => ({ type: 'field', field: name, ...test }) as Rule;
const milestone = (name: string, test: object) => ({ type: 'milestone', milestone: name, ...test }) as Rule;
const mrr = (currency: string, test: object) => ({ type: 'mrr', currency, ...test }) as Rule;

function truthAt(now: string, rule: Rule): [isTrue: boolean, flipsAt: string | null] {
  const { isTrue, flipsAt } = evaluate(rule, SEGMENTS, FACTS, new Date(at(now)));
  return [isTrue, flipsAt && flipsAt.toISOString().slice('2026-'.length, -'.000Z'.length)];
}

describe('a rule', () => {
  it.each<[rule: Rule, isTrue: boolean, flipsAt: string | null]>([
    [field('email_domain', { equals: 'example.org' }), true, NEVER],
    [{ type: 'arm', experiment: 'welcome', in: ['a', 'b'] }, true, NEVER],
    [{ type: 'arm', experiment: 'welcome', in: ['a'] }, false, NEVER],
    [{ type: 'arm', experiment: 'toString', in: ['a'] }, false, NEVER],
    [field('country', { in: ['at', 'de'] }), true, NEVER],
    [field('language', { equals: 'pt' }), true, NEVER],
    [field('name', { contains: 'nn' }), true, NEVER],
    [field('name', { equals: 'ann' }), false, NEVER],
    [field('delinquent', { equals: false }), false, NEVER],
    [{ not: field('delinquent', { equals: true }) }, true, NEVER],
    [field('created_at', { before: '2026-03-01T00:00:00Z' }), false, NEVER],
    [field('created_at', { withinLast: { days: 10 } }), true, '03-11T00:00:00'],
    [metadata('seats', { greaterThan: 9 }), true, NEVER],
    [metadata('seats', { equals: 12 }), true, NEVER],
    [metadata('plan', { greaterThan: 9 }), false, NEVER],
    [metadata('note', { present: true }), false, NEVER],
    [metadata('constructor', { present: true }), false, NEVER],
    [{ type: 'stage', in: ['active', 'trialing'] }, true, NEVER],
    [{ type: 'in_stage_for', atLeast: { days: 5 } }, true, NEVER],
    [{ type: 'in_stage_for', atLeast: { days: 6 } }, false, '03-11T00:00:00'],
    [milestone('activated', { reached: true }), true, NEVER],
    [milestone('first_payment', { reached: true }), false, NEVER],
    [milestone('activated', { withinFirst: { days: 2 } }), true, NEVER],
    [milestone('activated', { withinFirst: { hours: 47 } }), false, NEVER],
    [milestone('activated', { withinLast: { days: 8 } }), true, '03-11T00:00:00'],
    [share({ atLeast: 3 }), true, NEVER],
    [share({ atLeast: 4 }), false, NEVER],
    [share({ atLeast: 3, withinLast: { days: 2 } }), true, '03-11T09:00:00'],
    [share({ atMost: 0, withinLast: { hours: 3 } }), true, NEVER],
    [share({ atMost: 1, withinLast: { days: 2 } }), false, '03-11T09:00:00'],
    [share({ atLeast: 2, where: [{ property: 'team', greaterThan: 2 }] }), true, NEVER],
    [share({ atLeast: 1, during: { period: 'today', zone: 'UTC' } }), true, '03-11T00:00:00'],
    [share({ atLeast: 1, during: { period: 'today', zone: 'Pacific/Auckland' } }), false, NEVER],
    [share({ atLeast: 3, during: { period: 'this_week', zone: 'Europe/Berlin' } }), true, '03-15T23:00:00'],
    [share({ atLeast: 1, during: { period: 'this_month', zone: 'Europe/Berlin' } }), true, '03-31T22:00:00'],
    [lastShare({ atLeast: { hours: 3 } }), true, NEVER],
    [lastShare({ atLeast: { days: 7 } }), false, '03-17T09:00:00'],
    [lastShare({ lessThan: { hours: 3 } }), false, NEVER],
    [lastShare({ lessThan: { days: 7 } }), true, '03-17T09:00:00'],
    [{ type: 'last_event', event: 'login', atLeast: { days: 7 } }, false, NEVER],
    [{ not: { type: 'last_event', event: 'login', lessThan: { days: 7 } } }, true, NEVER],
    [mrr('eur', { greaterThan: 9899 }), true, NEVER],
    [mrr('usd', { equals: 0 }), true, NEVER],
    [mrr('gbp', { equals: 0 }), false, NEVER],
    [{ type: 'segment', segment: 'payers' }, true, NEVER],
    [{ type: 'bucket', unit: 'user', seed: 's', from: 0, to: 1 }, true, NEVER],
  ])('%j is %s and flips at %s', (rule, isTrue, flipsAt) => {
    expect(truthAt(NOW, rule)).toEqual([isTrue, flipsAt]);
  });

  it('flips at the millisecond that it names', () => {
    const rule = share({ atLeast: 3, withinLast: { days: 2 } });
    expect(truthAt('03-11T08:59:59.999', rule)).toEqual([true, '03-11T09:00:00']);
    expect(truthAt('03-11T09:00:00', rule)).toEqual([false, NEVER]);
  });

  it('does not wait for a condition that cannot decide', () => {
    const timed: Rule = { type: 'in_stage_for', atLeast: { days: 30 } };
    const [yes, no] = [mrr('eur', { equals: 9900 }), mrr('eur', { equals: 1 })];
    expect(truthAt(NOW, { all: [no, timed] })).toEqual([false, NEVER]);
    expect(truthAt(NOW, { any: [yes, timed] })).toEqual([true, NEVER]);
    expect(truthAt(NOW, { all: [yes, timed] })).toEqual([false, '04-04T00:00:00']);
  });

  it('about a segment that is gone is not evaluated', () => {
    const ghosts: Rule = { type: 'segment', segment: 'ghosts' };
    expect(() => evaluate(ghosts, SEGMENTS, FACTS, new Date())).toThrow('ghosts');
  });
});

describe('an explanation', () => {
  it('shows what each condition saw, and the event that decided', () => {
    const rule: Rule = {
      any: [share({ atLeast: 2, withinLast: { days: 2 } }), { not: field('country', { equals: 'de' }) }],
    };
    expect(explain(rule, SEGMENTS, FACTS, new Date(at(NOW)))).toMatchObject({
      kind: 'any',
      isTrue: true,
      flipsAt: new Date(at('03-11T09:00:00')),
      members: [
        { kind: 'condition', isTrue: true, seen: { value: 3, at: new Date(at('03-09T09:00:00')) } },
        { kind: 'not', isTrue: false, members: [{ isTrue: true, seen: { value: 'de', at: null } }] },
      ],
    });
  });

  it.each<[Rule, unknown, string | null]>([
    [{ type: 'in_stage_for', atLeast: { days: 1 } }, 'trialing', '03-05T00:00:00'],
    [milestone('activated', { reached: true }), true, '03-03T00:00:00'],
    [milestone('first_payment', { reached: true }), false, null],
    [lastShare({ lessThan: { days: 1 } }), 3, '03-10T09:00:00'],
    [share({ atMost: 2 }), 3, '03-10T09:00:00'],
    [share({ atLeast: 5 }), 3, null],
    [mrr('gbp', { equals: 0 }), null, null],
  ])('of %j has the value %j at %s', (rule, value, time) => {
    const { seen } = explain(rule, SEGMENTS, FACTS, new Date(at(NOW)));
    expect(seen).toEqual({ value, at: time && new Date(at(time)) });
  });
});

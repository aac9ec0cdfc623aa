import { describe, expect, it } from 'vitest';
import { applyMapping } from './apply-mapping.js';
import { problemsOf } from './check-mapping.js';
import type { CustomerDocument, DocumentPath } from './customer-document.js';
import type { FieldRule } from './mapping.js';

const DOCUMENT: CustomerDocument = {
  customer: {
    id: '01934f5e-7c00-7000-8000-000000000001',
    stripeCustomerId: 'cus_1',
    email: 'Ada@Example.com',
    name: '  Ada King  Lovelace ',
    phone: null,
    currency: 'usd',
    country: 'GB',
    createdAt: '2026-11-30T23:30:00.000Z',
    deletedAt: null,
    livemode: true,
    metadata: { plan: 'gold', 'a.b': 'dotted' },
  },
  user: { id: 'user-1' },
  lifecycle: {
    stage: 'active',
    stageEnteredAt: null,
    risks: [],
    milestones: { activated: '2026-12-01T00:00:00.000Z' },
  },
  revenue: { mrr: { usd: 1999, jpy: 500, isk: 700 } },
  preferences: { locale: 'en', timezone: 'UTC' },
  segments: ['a', 'b'],
  attributes: { tier: 2 },
};

const valueOf = (rule: FieldRule) => applyMapping({ field: rule }, DOCUMENT, { isNew: false }).field;
const from = (path: DocumentPath, ...apply: NonNullable<FieldRule['apply']>) => ({ from: path, apply });

describe('a field of a mapping', () => {
  it.each<[FieldRule, unknown]>([
    [from('customer.email', 'lower'), 'ada@example.com'],
    [from('customer.name', 'first_word', 'upper'), 'ADA'],
    [from('customer.name', 'last_words'), 'King Lovelace'],
    [from('customer.createdAt', 'date'), '2026-11-30'],
    [from('customer.createdAt', 'unix_seconds'), 1_796_081_400],
    [from('lifecycle.milestones.activated', 'unix_milliseconds'), 1_796_083_200_000],
    [from('revenue.mrr.usd', 'minor_to_major'), 19.99],
    [from('revenue.mrr.jpy', 'minor_to_major'), 500],
    [from('revenue.mrr.isk', 'minor_to_major'), 7],
    [from('segments', 'join'), 'a;b'],
    [from('segments', 'count'), 2],
    [from('customer.livemode', 'text'), 'true'],
    [from('customer.metadata.a.b'), 'dotted'],
    [from('attributes.tier'), 2],
    [{ constant: 'mingus' }, 'mingus'],
    [{ from: 'lifecycle.stage', values: { active: 3 } }, 3],
  ])('is made by its rule: %j', (rule, expected) => {
    expect(valueOf(rule)).toBe(expected);
  });

  it.each<DocumentPath>([
    'customer.phone',
    'customer.metadata.none',
    'lifecycle.milestones.created',
    'customer.metadata.constructor',
  ])('without a source is left out: %s', (path) => {
    expect(applyMapping({ field: { from: path } }, DOCUMENT, { isNew: true })).toEqual({});
  });

  it.each<[FieldRule, string]>([
    [from('segments', 'lower'), 'not_a_text'],
    [from('customer.name', 'date'), 'not_a_time'],
    [from('customer.name', 'minor_to_major'), 'not_a_number'],
    [from('customer.name', 'join'), 'not_a_list'],
    [from('segments'), 'not_a_value'],
    [{ from: 'customer.email', values: { x: 1 } }, 'not_listed'],
    [{ from: 'customer.metadata.plan', values: { constructor: 1 } }, 'not_listed'],
  ])('that cannot be made fails: %j', (rule, problem) => {
    expect(() => valueOf(rule)).toThrow(`The field field cannot be made: ${problem}`);
  });

  it('is written when its policy allows it', () => {
    const mapping = {
      always: { constant: 1 },
      first: { constant: 2, when: 'onCreate' },
      empty: { constant: 3, when: 'ifEmpty' },
    } as const;
    const written = (isNew: boolean, current?: Record<string, string | null> | null) =>
      Object.keys(applyMapping(mapping, DOCUMENT, { isNew, current }));
    expect(written(true, null)).toEqual(['always', 'first', 'empty']);
    expect(written(false, { empty: '' })).toEqual(['always', 'empty']);
    expect(written(false, { empty: 'by hand' })).toEqual(['always']);
    expect(written(false)).toEqual(['always']);
  });

  it('that depends on present values is refused for a system that cannot read back', () => {
    const mapping = { phone: { from: 'customer.phone', when: 'ifEmpty' } };
    expect([problemsOf(mapping, true), problemsOf(mapping, false)]).toEqual([
      [],
      ['phone: the system cannot read back, so ifEmpty cannot be decided'],
    ]);
  });

  it('with a number that JSON cannot hold is refused', () => {
    expect(problemsOf({ field: { constant: JSON.parse('1e999') } }, true)).toHaveLength(1);
  });
});

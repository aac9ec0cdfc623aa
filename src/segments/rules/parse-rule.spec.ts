import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SHAPES } from './condition-shapes.js';
import { parseRule } from './parse-rule.js';
import { FIELD_KINDS } from './rule.js';

const SEGMENTS = new Set(['payers', 'staff']);
const parse = (json: unknown) => parseRule(json, SEGMENTS);
const A_RULE = { type: 'stage', in: ['active'] };
const BEHAVIOUR = { type: 'behaviour', event: 'login', atLeast: 1 };
const FIELD = { type: 'field', field: 'country' };

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce((rule: unknown) => ({ not: rule }), A_RULE);

describe('the document about rules', () => {
  const text = readFileSync('docs/segments.md', 'utf8');
  const blocks = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = '']) => json);
  const inline = [...text.matchAll(/`(\{ "(?:type|not)": [^…]*?\})`/g)].map(([, json = '']) => json);
  const examples = [...blocks, ...inline].filter((json) => !json.includes('"path"'));

  it.each(examples)('has an example that is a rule: %s', (json) => {
    expect(parse(JSON.parse(json))).toHaveProperty('rule');
  });

  it('has an example of each type, and each field', () => {
    for (const type of Object.keys(SHAPES)) expect(examples.join(' ')).toContain(`"type": "${type}"`);
    for (const field of Object.keys(FIELD_KINDS)) expect(text).toContain(`\`${field}\``);
  });
});

describe('a rule in JSON', () => {
  it('may have conditions of all types', () => {
    const rule = {
      all: [
        { ...FIELD, in: ['de', 'at'] },
        { type: 'field', field: 'created_at', during: { period: 'this_week', zone: 'Asia/Kolkata' } },
        { type: 'metadata', key: 'plan', equals: 'pro' },
        A_RULE,
        { type: 'in_stage_for', atLeast: { days: 14 } },
        { any: [{ type: 'milestone', milestone: 'activated', withinFirst: { hours: 72 } }] },
        {
          not: { ...BEHAVIOUR, where: [{ property: 'team', greaterThan: 2.5 }], withinLast: { minutes: 90 } },
        },
        { type: 'last_event', event: 'login', lessThan: { days: 3653 } },
        { type: 'mrr', currency: 'usd', greaterThan: 9900 },
        { type: 'segment', segment: 'payers' },
        { type: 'bucket', unit: 'user', seed: 'winter', from: 0, to: 1 },
      ],
    };
    expect(parse(rule)).toEqual({ rule });
  });

  it('is stored with the case of fields that have none', () => {
    expect(parse({ ...FIELD, equals: 'DE' })).toEqual({ rule: { ...FIELD, equals: 'de' } });
    expect(parse({ type: 'field', field: 'name', equals: 'Ann' })).toEqual({
      rule: { type: 'field', field: 'name', equals: 'Ann' },
    });
  });

  it.each<[what: string, rule: unknown, path: string, code: string]>([
    ['nothing', null, '', 'wrong_type'],
    ['a list', [A_RULE], '', 'wrong_type'],
    ['no type', {}, '', 'missing'],
    ['an unknown type', { type: 'weather' }, 'type', 'unknown_value'],
    ['a type of the prototype', { type: 'toString' }, 'type', 'unknown_value'],
    ['an empty group', { all: [] }, 'all', 'out_of_range'],
    ['a group of no list', { any: A_RULE }, 'any', 'wrong_type'],
    ['two groups in one', { all: [A_RULE], not: A_RULE }, 'not', 'unknown_key'],
    ['a list in `not`', { not: [A_RULE] }, 'not', 'wrong_type'],
    ['a group that is too deep', nested(10), 'not.not.not.not.not.not.not.not.not.not', 'too_deep'],
    ['a bad member', { all: [A_RULE, { any: [3] }] }, 'all[1].any[0]', 'wrong_type'],
    ['an unknown key', { ...A_RULE, since: 3 }, 'since', 'unknown_key'],
    ['an unknown stage', { type: 'stage', in: ['active', 'gold'] }, 'in[1]', 'unknown_value'],
    ['an unknown field', { type: 'field', field: 'shoe_size', equals: 44 }, 'field', 'unknown_value'],
    ['no field', { type: 'field', equals: 44 }, 'field', 'unknown_value'],
    ['no test', FIELD, '', 'missing'],
    ['two tests', { ...FIELD, equals: 'de', in: ['at'] }, '', 'ambiguous'],
    ['an empty text', { ...FIELD, equals: '' }, 'equals', 'out_of_range'],
    ['a text with NUL', { ...FIELD, equals: 'a\0' }, 'equals', 'out_of_range'],
    ['half of a surrogate pair', { ...FIELD, contains: '\ud800' }, 'contains', 'out_of_range'],
    ['an absent value as `present`', { ...FIELD, present: false }, 'present', 'unknown_value'],
    ['a pattern', { ...FIELD, present: true, matches: '^d' }, 'matches', 'unknown_key'],
    ['a number for a text', { ...FIELD, equals: 3 }, 'equals', 'wrong_type'],
    ['an empty list', { ...FIELD, in: [] }, 'in', 'out_of_range'],
    ['a long list', { ...FIELD, in: Array(101).fill('de') }, 'in', 'out_of_range'],
    ['a text for a boolean', { type: 'field', field: 'livemode', equals: 'true' }, 'equals', 'wrong_type'],
    [
      'a day that is none',
      { type: 'field', field: 'created_at', before: '2026-02-30T00:00:00Z' },
      'before',
      'wrong_type',
    ],
    [
      'a time without a zone',
      { type: 'field', field: 'created_at', after: '2026-02-03T00:00:00' },
      'after',
      'wrong_type',
    ],
    ['a long key', { type: 'metadata', key: 'k'.repeat(41), present: true }, 'key', 'out_of_range'],
    ['an object as value', { type: 'metadata', key: 'k', equals: {} }, 'equals', 'wrong_type'],
    ['an endless number', { type: 'metadata', key: 'k', lessThan: Infinity }, 'lessThan', 'out_of_range'],
    ['an empty window', { type: 'in_stage_for', atLeast: {} }, 'atLeast', 'missing'],
    [
      'a window of two units',
      { type: 'in_stage_for', atLeast: { days: 1, hours: 2 } },
      'atLeast',
      'ambiguous',
    ],
    ['no time at all', { type: 'in_stage_for', atLeast: { days: 0 } }, 'atLeast.days', 'out_of_range'],
    [
      'more than ten years',
      { type: 'in_stage_for', atLeast: { hours: 87_673 } },
      'atLeast.hours',
      'out_of_range',
    ],
    ['half a day', { type: 'in_stage_for', atLeast: { days: 0.5 } }, 'atLeast.days', 'wrong_type'],
    ['a count of zero', { ...BEHAVIOUR, atLeast: 0 }, 'atLeast', 'out_of_range'],
    ['a count past a million', { ...BEHAVIOUR, atLeast: 1_000_001 }, 'atLeast', 'out_of_range'],
    ['no count', { type: 'behaviour', event: 'login' }, '', 'missing'],
    [
      'two windows',
      { ...BEHAVIOUR, withinLast: { days: 1 }, during: { period: 'today', zone: 'UTC' } },
      '',
      'ambiguous',
    ],
    ['a period without a zone', { ...BEHAVIOUR, during: { period: 'today' } }, 'during.zone', 'missing'],
    [
      'an unknown place',
      { ...BEHAVIOUR, during: { period: 'today', zone: 'Europe/Atlantis' } },
      'during.zone',
      'unknown_zone',
    ],
    [
      'an abbreviation',
      { ...BEHAVIOUR, during: { period: 'today', zone: 'EST' } },
      'during.zone',
      'unknown_zone',
    ],
    [
      'an offset',
      { ...BEHAVIOUR, during: { period: 'today', zone: '+02:00' } },
      'during.zone',
      'unknown_zone',
    ],
    ['a property without a test', { ...BEHAVIOUR, where: [{ property: 'p' }] }, 'where[0]', 'missing'],
    ['part of a cent', { type: 'mrr', currency: 'usd', equals: 0.5 }, 'equals', 'wrong_type'],
    ['an unknown segment', { type: 'segment', segment: 'ghosts' }, 'segment', 'unknown_segment'],
    ['an empty bucket', { type: 'bucket', unit: 'user', seed: 's', from: 0.5, to: 0.5 }, '', 'out_of_range'],
    ['a bucket past 1', { type: 'bucket', unit: 'user', seed: 's', from: 0, to: 1.1 }, 'to', 'out_of_range'],
  ])('is refused with %s', (_, rule, path, code) => {
    expect(parse(rule)).toEqual({ problems: [{ path, code, detail: expect.any(String) }] });
  });

  it('is refused with all of its problems', () => {
    const result = parse({
      all: [
        { type: 'stage', in: [] },
        { ...BEHAVIOUR, atLeast: 'often', x: 1 },
      ],
    });
    expect('problems' in result && result.problems.map(({ path }) => path)).toEqual([
      'all[0].in',
      'all[1].x',
      'all[1].atLeast',
    ]);
  });

  it('has at most 200 conditions and groups', () => {
    const wide = (conditions: number) => ({ any: Array.from({ length: conditions }, () => A_RULE) });
    expect(parse(wide(199))).toEqual({ rule: wide(199) });
    const tooMany = { path: 'any[199]', code: 'too_many_conditions', detail: expect.any(String) };
    expect(parse(wide(200))).toEqual({ problems: [tooMany] });
    expect(parse(wide(10_000))).toEqual({ problems: [tooMany] });
  });

  it('may be as deep as JSON allows when it is refused', () => {
    expect(parse(nested(10_000))).toEqual({ problems: [expect.objectContaining({ code: 'too_deep' })] });
  });
});

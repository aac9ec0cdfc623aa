import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acquisitionOf } from '../events/customers/acquisition.js';

describe('where a customer came from', () => {
  it.each([
    ['nothing', {}, 'unknown'],
    ['a source', { source: 'newsletter' }, 'newsletter'],
    ['a utm_source', { utm_source: 'google' }, 'google'],
    ['both: the source counts', { source: 'partner', utm_source: 'google' }, 'partner'],
    ['an empty source beside a utm_source', { source: ' ', utm_source: 'google' }, 'google'],
    ['upper case and space', { source: ' NewsLetter ' }, 'newsletter'],
    ['65 characters', { source: 's'.repeat(65) }, 's'.repeat(64)],
    ['an emoji across the 64th character', { source: `${'s'.repeat(63)}😀` }, `${'s'.repeat(63)}😀`],
  ])('comes from metadata with %s', (_, metadata, source) => {
    expect(acquisitionOf(metadata).source).toBe(source);
  });

  it('is kept with campaign, referrer and every utm key', () => {
    const metadata = {
      mingus_user_id: 'user-1',
      campaign: 'spring',
      referrer: 'https://example.com',
      utm_medium: 'cpc',
      utm_campaign: 'autumn',
      utm_term: 'budget',
    };
    expect(acquisitionOf(metadata)).toEqual({
      source: 'unknown',
      campaign: 'spring',
      referrer: 'https://example.com',
      utm: { utm_medium: 'cpc', utm_campaign: 'autumn', utm_term: 'budget' },
    });
  });

  it('takes the campaign from utm_campaign if there is no other', () => {
    expect(acquisitionOf({ utm_campaign: 'autumn' }).campaign).toBe('autumn');
    expect(acquisitionOf({}).campaign).toBeNull();
  });

  it('ignores keys that only resemble utm keys', () => {
    const metadata = {
      utm_: 'a',
      UTM_SOURCE: 'b',
      utm_source2: 'c',
      x_utm_source: 'd',
      [`utm_${'x'.repeat(21)}`]: 'e',
    };
    expect(acquisitionOf(metadata)).toMatchObject({ source: 'unknown', utm: {} });
  });

  it('is always a text that PostgreSQL can hold', () => {
    const texts = fc.string({ unit: fc.constantFrom('😀', 'İ', 's', ' '), minLength: 60, maxLength: 80 });
    fc.assert(
      fc.property(texts, (source) => {
        const kept = acquisitionOf({ source }).source;
        expect(kept.isWellFormed()).toBe(true);
        expect([...kept].length).toBeLessThanOrEqual(64);
      }),
    );
  });
});

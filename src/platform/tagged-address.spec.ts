import { describe, expect, it } from 'vitest';
import { isTaggable, mailIdOf, TAGGABLE_MAX, taggedAddress } from './tagged-address.js';

const ID = '019a5b1e-0000-7000-8000-000000000001';

describe('the address that bounces come back to', () => {
  it('has the mail’s id before the last @', () => {
    expect(taggedAddress('bounces@mingus.test', mailIdOf(ID, 0))).toBe(`bounces+${ID}@mingus.test`);
    expect(taggedAddress('bounces+m@mingus.test', mailIdOf(ID, 2))).toBe(`bounces+m+${ID}.2@mingus.test`);
  });

  it('never has more than 64 octets before the @, however often a mail is sent again', () => {
    const address = `${'b'.repeat(TAGGABLE_MAX)}@mingus.test`;
    for (const resends of [0, 1, 9999, 2_147_483_647]) {
      const tagged = taggedAddress(address, mailIdOf(ID, resends));
      expect(tagged.lastIndexOf('@')).toBeLessThanOrEqual(64);
    }
    expect(taggedAddress(address, mailIdOf(ID, 9999)).lastIndexOf('@')).toBe(64);
    expect(isTaggable(address)).toBe(true);
  });

  it.each([
    ['is one character longer', `${'b'.repeat(TAGGABLE_MAX + 1)}@mingus.test`],
    ['is as long in octets alone', `${'ö'.repeat(TAGGABLE_MAX)}@mingus.test`],
    ['is quoted', '"b b"@mingus.test'],
    [
      'is too long with its domain',
      `bounces@${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(60)}.${'d'.repeat(30)}.test`,
    ],
  ])('takes no tag when it %s', (_, address) => {
    expect(isTaggable(address)).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { ulidOf } from './ulid.js';

describe('A UUID as a ULID', () => {
  it.each([
    ['01563e3a-b5d3-d676-4c61-efb99302bd5b', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['00000000-0000-0000-0000-000000000000', '0'.repeat(26)],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', `7${'Z'.repeat(25)}`],
  ])('has the same 128 bits: %s', (uuid, ulid) => {
    expect(ulidOf(uuid)).toBe(ulid);
  });

  it('keeps the order of time', () => {
    const [earlier, later] = ['01934f5e-7c00-7000-8000-000000000001', '01934f5e-7c01-7000-8000-000000000000'];
    expect(ulidOf(earlier) < ulidOf(later)).toBe(true);
  });
});

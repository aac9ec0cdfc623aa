import { describe, expect, it } from 'vitest';
import { retryAfter } from './retry-after.js';

const NOW = new Date('2027-01-15T08:00:00Z');
const after = (header: string | null) => retryAfter(header, NOW)?.toISOString() ?? null;

describe('Retry-After', () => {
  it.each([
    ['30', '2027-01-15T08:00:30.000Z'],
    [' 0 ', '2027-01-15T08:00:00.000Z'],
    ['1.5', '2027-01-15T08:00:01.500Z'],
    ['Fri, 15 Jan 2027 08:02:00 GMT', '2027-01-15T08:02:00.000Z'],
    ['Fri, 15 Jan 2027 07:00:00 GMT', '2027-01-15T08:00:00.000Z'],
    ['999999999', '2027-01-16T08:00:00.000Z'],
  ])('is read as seconds or as a date: %s', (header, expected) => {
    expect(after(header)).toBe(expected);
  });

  it.each([null, '', 'soon', '-5 minutes please'])('is ignored if it cannot be read: %s', (header) => {
    expect(after(header)).toBeNull();
  });
});

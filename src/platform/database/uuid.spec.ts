import { validate, version } from 'uuid';
import { describe, expect, it } from 'vitest';
import { smallestUuidOf, uuidv7 } from './uuid.js';

describe('ids', () => {
  const made = Array.from({ length: 5000 }, uuidv7);

  it('are UUIDs of version 7', () => {
    expect(made.filter((id) => !validate(id) || version(id) !== 7)).toEqual([]);
  });

  it('are all different, and sort in the order in which they were made', () => {
    expect(new Set(made).size).toBe(made.length);
    expect(made.toSorted()).toEqual(made);
  });

  it('begin with their time', () => {
    const before = Date.now();
    const id = uuidv7();
    expect(smallestUuidOf(new Date(before - 1)) < id).toBe(true);
    expect(id < smallestUuidOf(new Date(Date.now() + 1))).toBe(true);
  });
});

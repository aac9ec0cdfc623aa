import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyIdOf, seal, SecretUnreadable, unseal } from './secret-box.js';
import { secretKeyRing } from './secret-keys.js';

const aKey = (id: string) => ({ id, key: randomBytes(32) });
const [old, current] = [aKey('2025'), aKey('2026')];

describe('a stored secret', () => {
  it('is read back with its key, and is different each time', () => {
    const sealed = seal('pat-eu1-ß', 'connector crm token', current);
    expect(unseal(sealed, 'connector crm token', [current])).toBe('pat-eu1-ß');
    expect(seal('pat-eu1-ß', 'connector crm token', current)).not.toBe(sealed);
    expect(sealed).not.toContain('pat');
  });

  it('of the old key is readable while both keys are set', () => {
    const sealed = seal('secret', 'x', old);
    expect(keyIdOf(sealed)).toBe('2025');
    expect(unseal(sealed, 'x', [current, old])).toBe('secret');
    expect(() => unseal(sealed, 'x', [current])).toThrow(SecretUnreadable);
  });

  it('is refused if it was changed, or copied to another place', () => {
    const sealed = seal('secret', 'connector crm token', current);
    const changed = sealed.slice(0, -2) + (sealed.endsWith('A') ? 'BB' : 'AA');
    expect(() => unseal(changed, 'connector crm token', [current])).toThrow(SecretUnreadable);
    expect(() => unseal(sealed, 'connector other token', [current])).toThrow(SecretUnreadable);
    expect(() => unseal('pat-eu1', 'connector crm token', [current])).toThrow(SecretUnreadable);
  });
});

describe('SECRETS_KEYS', () => {
  const text = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;

  it('lists keys, the first of which encrypts', () => {
    expect(secretKeyRing.read(`${text('b')},${text('a')}`)?.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  it.each([
    ['no id', randomBytes(32).toString('base64')],
    ['a short key', `a:${randomBytes(16).toString('base64')}`],
    ['a key of one byte', `a:${Buffer.alloc(32, 7).toString('base64')}`],
    ['an id twice', `${text('a')},${text('a')}`],
    ['an empty list', ''],
  ])('is refused with %s', (_what, given) => {
    expect(secretKeyRing.read(given)).toBeUndefined();
  });
});

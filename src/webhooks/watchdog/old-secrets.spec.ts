import { describe, expect, it } from 'vitest';
import { oldSecretsOf, type SecretUse } from './old-secrets.js';

const snapshot = (position: number): SecretUse => ({ position, kind: 'snapshot' });
const thin = (position: number): SecretUse => ({ position, kind: 'thin' });

describe('of the secrets in use', () => {
  it.each<[string, SecretUse[], number[]]>([
    ['none is old when nothing was signed', [], []],
    ['none is old when the first signs all', [snapshot(1), thin(1)], []],
    ['the second is old beside the first', [snapshot(1), snapshot(2)], [2]],
    ['the second is old when it alone signs: nothing has been rolled yet', [snapshot(2)], [2]],
    ['all but the first are old', [snapshot(1), snapshot(2), snapshot(3)], [2, 3]],
    ['none is old when two destinations have a secret each', [snapshot(1), thin(2)], []],
    ['one of two destinations is rolled', [snapshot(1), snapshot(2), thin(3)], [2]],
    ['the same, in another order', [thin(1), snapshot(2), snapshot(3)], [3]],
    ['one that is old for both kinds counts once', [snapshot(1), snapshot(2), thin(2), thin(1)], [2]],
  ])('%s', (_, uses, old) => {
    expect(oldSecretsOf(uses)).toEqual(old);
  });
});

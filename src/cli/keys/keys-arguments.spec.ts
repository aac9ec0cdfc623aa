import { describe, expect, it } from 'vitest';
import { parseKeysArguments } from './keys-arguments.js';

const ID = '0193a0b0-0000-7000-8000-000000000001';

describe('the arguments of keys', () => {
  it.each([
    [['list'], { act: 'list' }],
    [['revoke', ID], { act: 'revoke', id: ID }],
    [['rotate', ID], { act: 'rotate', id: ID, graceSeconds: 3600 }],
    [['rotate', ID, '--grace', '0'], { act: 'rotate', id: ID, graceSeconds: 0 }],
    [
      ['create', '--name', 'Ada', '--role', 'viewer', '--expires', '2099-01-01T00:00:00Z'],
      {
        act: 'create',
        request: { name: 'Ada', role: 'viewer', expiresAt: new Date('2099-01-01T00:00:00Z') },
      },
    ],
  ])('%j are understood', (args, expected) => {
    expect(parseKeysArguments(args)).toEqual(expected);
  });

  it.each([
    [[], 'unknown_act'],
    [['delete', ID], 'unknown_act'],
    [['list', ID, 'more'], 'unknown_argument'],
    [['create', '--colour', 'red'], 'unknown_argument'],
    [['create', '--role', 'viewer'], 'invalid_argument'],
    [['create', '--name', '=cmd()', '--role', 'viewer'], 'invalid_argument'],
    [['create', '--name', 'Ada', '--role', 'root'], 'invalid_argument'],
    [['create', '--name', 'Ada', '--role', 'viewer', '--expires', 'soon'], 'invalid_argument'],
    [['rotate'], 'invalid_id'],
    [['rotate', 'x'], 'invalid_id'],
    [['rotate', ID, '--grace', 'x'], 'invalid_argument'],
    [['rotate', ID, '--grace', '604801'], 'invalid_argument'],
    [['revoke', '1'], 'invalid_id'],
  ])('refuses %j: %s', (args, code) => {
    expect(() => parseKeysArguments(args)).toThrow(expect.objectContaining({ code }));
  });
});

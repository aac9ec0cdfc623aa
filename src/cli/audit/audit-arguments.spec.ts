import { describe, expect, it } from 'vitest';
import { parseAuditArguments } from './audit-arguments.js';

const HASH = 'ab'.repeat(32);

describe('the arguments of audit', () => {
  it('name heads', () => {
    expect(parseAuditArguments(['verify', '--head', `3:${HASH}`, '--head', `12:${HASH}`])).toEqual({
      heads: [
        { seal: 3, hash: HASH },
        { seal: 12, hash: HASH },
      ],
      headsFile: undefined,
    });
  });

  it.each([
    [[], 'unknown_act'],
    [['erase'], 'unknown_act'],
    [['verify', 'all'], 'unknown_act'],
    [['verify', '--fix'], 'unknown_argument'],
    [['verify', '--head'], 'unknown_argument'],
    [['verify', '--head', ''], 'invalid_head'],
    [['verify', '--head', '3'], 'invalid_head'],
    [['verify', '--head', `0:${HASH}`], 'invalid_head'],
    [['verify', '--head', `3:${HASH}0`], 'invalid_head'],
    [['verify', '--head', `then 3:${HASH}`], 'invalid_head'],
    [['verify', '--head', `3:${HASH.toUpperCase()}`], 'invalid_head'],
    [['verify', '--heads', '/no/such/file'], 'heads_not_found'],
  ])('refuses %j: %s', (args, code) => {
    expect(() => parseAuditArguments(args)).toThrow(expect.objectContaining({ code }));
  });
});

import { describe, expect, it } from 'vitest';
import { lookOf } from './address-look.js';

describe('an address is shown', () => {
  it.each<[string, string, string[]]>([
    ['ada@example.com', 'ada@example.com', []],
    ['zoë@jõgeva.ee', 'zoë@xn--jgeva-dua.ee', []],
    ['ada@раураl.com', 'ada@xn--l-7sba6dbr.com', ['Cyrillic']],
    ['аda@example.com', 'аda@example.com', ['Cyrillic']],
    ['αда@例え.jp', 'αда@xn--r8jz45g.jp', ['Cyrillic', 'Greek', 'Han', 'Hiragana']],
    ['ꓮ@example.com', 'ꓮ@example.com', ['Other']],
    ['', '', []],
  ])('%s as %s, with the other scripts %j', (email, emailAscii, emailScripts) => {
    expect(lookOf(email)).toEqual({ emailAscii, emailScripts });
  });
});

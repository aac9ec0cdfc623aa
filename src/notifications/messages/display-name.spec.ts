import { describe, expect, it } from 'vitest';
import { displayName } from './display-name.js';

describe('a name for display', () => {
  it.each([
    ['Ada', 'Ada'],
    ['  Ada\t Lovelace ', 'Ada  Lovelace'],
    ['Ada\r\nBcc: x', 'Ada Bcc: x'],
    ['Zoë Müller-Ångström', 'Zoë Müller-Ångström'],
    ['王小明', '王小明'],
    ['W'.repeat(81), 'W'.repeat(80)],
    ['😀'.repeat(81), '😀'.repeat(80)],
    ['\u200B\u0000\u202E', null],
    ['=?utf-8?q?Eve=0D=0ABcc:?=', '= ?utf-8?q?Eve=0D=0ABcc:?='],
    ['https://evil.example/free', null],
    ['Win at WWW.evil.example', null],
    ['Go to evil.example/win now', null],
    ['evil.example:8080/win', null],
    ['evil.example?x=1', null],
    ['evil.xn--p1ai/win', null],
    ['банк.рф/вход', null],
    ['198.51.100.7/win', null],
    ['mailto:eve@evil.example', null],
    ['https:/evil.example', null],
    ['\u3164', null],
    ['N.V. / S.A.', 'N.V. / S.A.'],
    ['Dr. J.R. Smith, Ph.D.', 'Dr. J.R. Smith, Ph.D.'],
    ['Booking.com', 'Booking.com'],
    ['A/S Smith & Co. / Oslo', 'A/S Smith & Co. / Oslo'],
    ['', null],
    [null, null],
  ])('made of %j is %j', (name, expected) => {
    expect(displayName(name)).toBe(expected);
  });
});

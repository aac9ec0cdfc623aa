import { describe, expect, it } from 'vitest';
import { portalLocaleOf } from './portal-locale.js';

describe("the portal's language", () => {
  it.each([
    ['en', 'en'],
    ['en-US', 'en'],
    ['en-GB', 'en-GB'],
    ['es', 'es'],
    ['es-ES', 'es'],
    ['es-MX', 'es-419'],
    ['es-419', 'es-419'],
    ['pt-BR', 'pt-BR'],
    ['pt-PT', 'pt'],
    ['de-AT', 'de'],
    ['zh-Hant', 'zh-TW'],
    ['zh-HK', 'zh-HK'],
    ['no', 'nb'],
    ['xx', 'auto'],
    ['ar', 'auto'],
    ['', 'auto'],
    ['not a tag', 'auto'],
    ['en_US', 'auto'],
  ])('for a customer who reads %j is %s', (locale, expected) => {
    expect(portalLocaleOf(locale)).toBe(expected);
  });
});

import { describe, expect, it } from 'vitest';
import { chooseLocale, directionOf, spokenLocale } from './languages.js';

describe('the locale of a message', () => {
  it.each([
    [['es'], 'es'],
    [['es-MX'], 'es-MX'],
    [['fr', 'es-419', 'en'], 'es-419'],
    [['ES-mx'], 'es-MX'],
    [['en-GB', 'es'], 'en-GB'],
    [['fr', 'de-AT'], 'en-US'],
    [[], 'en-US'],
    [['', 'not a tag', '\u0000', '../es'], 'en-US'],
    [['es-u-nu-arab-ca-buddhist'], 'es'],
    [['esx', 'est'], 'en-US'],
  ])('for the wishes %j is %s', (wished, expected) => {
    expect(chooseLocale(wished, 'en-US')).toBe(expected);
  });

  it.each(['fr', 'e', 'es_MX', 'constructor'])('is never %j, which is not supported', (tag) => {
    expect(spokenLocale(tag)).toBeNull();
  });
});

describe('the direction of a locale', () => {
  it.each([
    ['en', 'ltr'],
    ['es-MX', 'ltr'],
    ['ar-EG', 'rtl'],
    ['he', 'rtl'],
  ])('%s is %s', (locale, expected) => {
    expect(directionOf(locale)).toBe(expected);
  });
});

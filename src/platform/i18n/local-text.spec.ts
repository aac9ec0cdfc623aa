import { describe, expect, it } from 'vitest';
import { I18nSettings } from './i18n.settings.js';
import { LocalText } from './local-text.js';
import { createI18n, Translator } from './translator.service.js';

const i18n = createI18n({
  en: {
    shop: { hello: 'Hello {{name}}', days_one: '{{count}} day', days_other: '{{count}} days', only: 'en' },
  },
  es: {
    shop: {
      hello: 'Hola {{name}}',
      days_one: '{{count}} día',
      days_many: '{{count}} de días',
      days_other: '{{count}} días',
    },
  },
});
const english = new LocalText(i18n, 'en', 'UTC');
const spanish = new LocalText(i18n, 'es-MX', 'America/Mexico_City');
describe('a text', () => {
  it('is in the language of the reader, with its values', () => {
    expect(english.t('shop:hello', { name: 'Ada' })).toBe('Hello Ada');
    expect(spanish.t('shop:hello', { name: 'Ada' })).toBe('Hola Ada');
  });

  it.each([
    [english, 0, '0 days'],
    [english, 1, '1 day'],
    [english, 2, '2 days'],
    [spanish, 1, '1 día'],
    [spanish, 5, '5 días'],
    [spanish, 1_000_000, '1000000 de días'],
  ])('has the plural form of its count', (text, count, expected) => {
    expect(text.t('shop:days', { count })).toBe(expected);
  });

  it.each(['$t(shop:only)', '{{name}}', '{{7*7}}', '<b>&"\'', '$&', '__proto__'])(
    'shows the value %j as it is',
    (name) => {
      expect(english.t('shop:hello', { name })).toBe(`Hello ${name}`);
    },
  );

  it.each([
    ['an unknown key', () => english.t('shop:nothing')],
    ['a key that only another language has', () => spanish.t('shop:only')],
    ['a plural without its count', () => english.t('shop:days')],
    ['a text without its value', () => english.t('shop:hello')],
  ])('is never made up: %s throws', (_, translate) => {
    expect(translate).toThrow(/^No (text|value)/);
  });

  it('can be had as it was written', () => {
    expect(english.source('shop:hello')).toBe('Hello {{name}}');
    expect(spanish.source('shop:days', { count: 3 })).toBe('{{count}} días');
  });
});

describe('dates and currencies', () => {
  const moment = new Date('2026-11-24T03:04:00Z');

  it.each([
    ['en', 'UTC', 'November 24, 2026'],
    ['en-GB', 'UTC', '24 November 2026'],
    ['es', 'Europe/Madrid', '24 de noviembre de 2026'],
    ['es-MX', 'America/Mexico_City', '23 de noviembre de 2026'],
  ])('follow the customs of %s and the clock of %s', (locale, timezone, day) => {
    expect(new LocalText(i18n, locale, timezone).date(moment)).toBe(day);
  });

  it.each([
    ['en', 'usd', 'US Dollar'],
    ['es', 'eur', 'euro'],
    ['en', 'zzz', 'ZZZ'],
    ['en', 'usdc', 'USDC'],
    ['es', 'u$d', 'U$D'],
  ])('in %s name the currency %s %s', (locale, currency, expected) => {
    expect(new LocalText(i18n, locale, 'UTC').currencyName(currency)).toBe(expected);
  });
});

describe('the translator', () => {
  const translator = new Translator(new I18nSettings({ DEFAULT_LOCALE: 'en-GB' }));

  it.each([
    [['es-AR', 'en'], 'es-AR', 'es'],
    [['fr', 'de'], 'en-GB', 'en'],
  ])('for the wishes %j speaks %s', (wished, locale, language) => {
    expect(translator.for(wished)).toMatchObject({ locale, language, dir: 'ltr' });
  });
});

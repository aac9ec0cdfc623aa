import { isISO31661Alpha2 } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { DEFAULT_NOTIFICATIONS, localeOf, timezoneOf } from './customer-defaults.js';

/**
 * Antarctica, Bouvet Island, and Heard and McDonald Islands have no inhabitants; the US Minor Outlying
 * Islands are far apart.
 */
const UNSETTLED = ['AQ', 'BV', 'HM', 'UM'];

const timezone = (metadata: Record<string, string>, country?: unknown) =>
  timezoneOf({ metadata, address: country === undefined ? null : { country } });

describe("a customer's locale is", () => {
  it.each([
    [[], 'en'],
    [['de'], 'de'],
    [['fr-CA', 'en'], 'fr-CA'],
    [['EN-gb'], 'en-GB'],
    [['zh-hant-tw'], 'zh-Hant-TW'],
    [['', 'not a tag', 'x', 'pt-BR'], 'pt-BR'],
    [['../../etc/passwd', '\u0000'], 'en'],
    [['a'.repeat(10_000)], 'en'],
  ])('the first valid one of %j: %s', (preferredLocales, expected) => {
    expect(localeOf({ preferredLocales }, 'en')).toBe(expected);
  });
});

describe("a customer's time zone is", () => {
  it.each([['Europe/Berlin'], ['America/Argentina/Buenos_Aires'], ['Asia/Kolkata'], ['Etc/GMT+1'], ['UTC']])(
    'the time zone in its metadata: %s',
    (name) => {
      expect(timezone({ timezone: name }, 'JP')).toBe(name);
      expect(timezone({ timezone: ` ${name}\n` }, 'JP')).toBe(name);
    },
  );

  it.each([
    ['FR', 'Europe/Paris'],
    ['jp', 'Asia/Tokyo'],
    ['GB', 'Europe/London'],
  ])("its country's, if that has only one: %s", (country, expected) => {
    expect(timezone({}, country)).toBe(expected);
  });

  it.each([
    ['US', 'America/New_York'],
    ['de', 'Europe/Berlin'],
    ['MX', 'America/Mexico_City'],
  ])('the zone where most people of %s live: %s', (country, expected) => {
    expect(timezone({}, country)).toBe(expected);
  });

  it('known for every country that people live in', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
    const countries = letters.flatMap((a) => letters.map((b) => a + b)).filter(isISO31661Alpha2);
    const zones = countries.map((country) => [country, timezone({}, country)] as const);

    expect(zones.filter(([, zone]) => zone === 'UTC').map(([country]) => country)).toEqual(UNSETTLED);
    for (const [, zone] of zones) {
      expect(() => new Intl.DateTimeFormat('en', { timeZone: zone })).not.toThrow();
    }
  });

  it.each([
    'Mars/Olympus_Mons',
    '+01:00',
    'GMT+99',
    "Europe/Berlin'; drop table customers; --",
    '__proto__',
    '',
    'E'.repeat(65),
  ])("its country's if the metadata hold no valid one: %j", (name) => {
    expect(timezone({ timezone: name }, 'FR')).toBe('Europe/Paris');
  });

  it.each([
    ['a country without a main zone', 'AQ'],
    ['a country that does not exist', 'QQ'],
    ['a country name', 'France'],
    ['no country', null],
    ['a country that is not a text', { code: 'FR' }],
    ['no address', undefined],
  ])('UTC for %s', (_, country) => {
    expect(timezone({}, country)).toBe('UTC');
  });

  it('still correct after thousands of invented names', () => {
    for (let n = 0; n < 3000; n += 1) expect(timezone({ timezone: `Invented/Zone_${n}` })).toBe('UTC');
    expect(timezone({ timezone: 'Pacific/Auckland' })).toBe('Pacific/Auckland');
  });
});

describe('notifications by default', () => {
  it('are on for onboarding and billing, and off for all other kinds', () => {
    expect(DEFAULT_NOTIFICATIONS).toEqual({
      welcome: { email: true },
      onboarding_guide: { email: true },
      portal_access: { email: true },
      billing: { email: true },
      product_updates: { email: false },
    });
  });
});

import type { StripeCustomer } from '../events/stripe-customer.js';
import type { NotificationPreferences } from './customer-preferences.entity.js';

export const DEFAULT_TIMEZONE = 'UTC';

/** Onboarding messages are on by default, all others off. */
export const DEFAULT_NOTIFICATIONS: NotificationPreferences = {
  welcome: { email: true },
  onboarding_guide: { email: true },
  portal_access: { email: true },
  billing: { email: true },
  product_updates: { email: false },
};

/** The first valid language tag (BCP 47) of the customer's preferred languages, else the default. */
export function localeOf(
  { preferredLocales }: Pick<StripeCustomer, 'preferredLocales'>,
  defaultLocale: string,
): string {
  return preferredLocales.map(canonicalLocale).find((locale) => locale !== null) ?? defaultLocale;
}

/**
 * `metadata.timezone` if it is an IANA name; else the time zone of the country (for several, the one where
 * most people live); else UTC.
 */
export function timezoneOf({ metadata, address }: Pick<StripeCustomer, 'metadata' | 'address'>): string {
  const named = metadata.timezone?.trim();
  if (named && isTimezone(named)) return named;
  return zoneOfCountry(address?.country) ?? DEFAULT_TIMEZONE;
}

const canonicalLocale = memoized((tag) => known(() => Intl.getCanonicalLocales(tag)[0] ?? null));

const IANA_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;

const isTimezone = memoized(
  (name) => IANA_NAME.test(name) && known(() => new Intl.DateTimeFormat('en', { timeZone: name })) !== null,
);

function zoneOfCountry(country: unknown): string | null {
  return typeof country === 'string' && /^[A-Za-z]{2}$/.test(country) ? zoneOf(country.toUpperCase()) : null;
}

const zoneOf = memoized((code) => {
  const zones = timezonesIn(code);
  return MAIN_ZONES[code] ?? (zones.length === 1 ? (zones[0] ?? null) : null);
});

/**
 * The zone where most people live, for countries with several: CLDR's primary zones (metaZones.xml), for the
 * others the zone of the largest city. It is some hours off in the rest of the country, but nearer than UTC.
 */
const MAIN_ZONES: Readonly<Record<string, string>> = {
  AR: 'America/Argentina/Buenos_Aires',
  AU: 'Australia/Sydney',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CD: 'Africa/Kinshasa',
  CL: 'America/Santiago',
  CN: 'Asia/Shanghai',
  CY: 'Asia/Nicosia',
  DE: 'Europe/Berlin',
  EC: 'America/Guayaquil',
  ES: 'Europe/Madrid',
  FM: 'Pacific/Pohnpei',
  GL: 'America/Nuuk',
  ID: 'Asia/Jakarta',
  KI: 'Pacific/Tarawa',
  KZ: 'Asia/Almaty',
  MH: 'Pacific/Majuro',
  MN: 'Asia/Ulaanbaatar',
  MX: 'America/Mexico_City',
  MY: 'Asia/Kuala_Lumpur',
  NZ: 'Pacific/Auckland',
  PF: 'Pacific/Tahiti',
  PG: 'Pacific/Port_Moresby',
  PS: 'Asia/Hebron',
  PT: 'Europe/Lisbon',
  RU: 'Europe/Moscow',
  UA: 'Europe/Kyiv',
  US: 'America/New_York',
  UZ: 'Asia/Tashkent',
};

/** Node 20 has the property, newer versions have the method. */
function timezonesIn(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    timeZones?: string[];
    getTimeZones?: () => string[] | undefined;
  };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

/** There are some 600 time zones. The limit keeps invented names from filling the cache. */
const MEMOIZED_MAX = 1000;
const MEMOIZED_LENGTH_MAX = 64;

/** Caches answers about short texts: a call of Intl takes up to 50 µs. */
function memoized<T>(ask: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    if (answers.has(text)) return answers.get(text) as T;
    const answer = ask(text);
    if (answers.size < MEMOIZED_MAX && text.length <= MEMOIZED_LENGTH_MAX) answers.set(text, answer);
    return answer;
  };
}

/** Null if Intl does not know the value. */
function known<T>(ask: () => T): T | null {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

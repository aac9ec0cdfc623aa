import type { StripeCustomer } from '../events/stripe-customer.js';
import type { NotificationPreferences } from './customer-preferences.entity.js';

export const DEFAULT_TIMEZONE = 'UTC';

/** Onboarding messages are on; what nobody asked for is off. */
export const DEFAULT_NOTIFICATIONS: NotificationPreferences = {
  welcome: { email: true },
  onboarding_guide: { email: true },
  portal_access: { email: true },
  billing: { email: true },
  product_updates: { email: false },
};

/** The first of the customer's languages that is one (BCP 47), else the default. */
export function localeOf(
  { preferredLocales }: Pick<StripeCustomer, 'preferredLocales'>,
  defaultLocale: string,
): string {
  return preferredLocales.map(canonicalLocale).find((locale) => locale !== null) ?? defaultLocale;
}

/** `metadata.timezone` where it is an IANA name; else that of the country, or of most of its people; else UTC. */
export function timezoneOf({ metadata, address }: Pick<StripeCustomer, 'metadata' | 'address'>): string {
  const named = metadata.timezone?.trim();
  if (named && isTimezone(named)) return named;
  return zoneOfCountry(address?.country) ?? DEFAULT_TIMEZONE;
}

function canonicalLocale(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const IANA_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;
/** Asking Intl costs some 50 µs; there are some 600 names, and strangers' inventions must not pile up. */
const TIMEZONES_MAX = 1000;
const timezones = new Map<string, boolean>();

function isTimezone(name: string): boolean {
  if (name.length > 64 || !IANA_NAME.test(name)) return false;
  let known = timezones.get(name);
  if (known === undefined) {
    known = isKnownToIntl(name);
    if (timezones.size < TIMEZONES_MAX) timezones.set(name, known);
  }
  return known;
}

function isKnownToIntl(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

const countryZones = new Map<string, string | null>();

function zoneOfCountry(country: unknown): string | null {
  if (typeof country !== 'string' || !/^[A-Za-z]{2}$/.test(country)) return null;
  const code = country.toUpperCase();
  let zone = countryZones.get(code);
  if (zone === undefined) {
    const zones = timezonesIn(code);
    zone = MAIN_ZONES[code] ?? (zones.length === 1 ? (zones[0] ?? null) : null);
    countryZones.set(code, zone);
  }
  return zone;
}

/**
 * Of countries with several zones, the one where most people live: CLDR's primary zones (metaZones.xml), for the
 * others the zone of the largest city. Some hours off in the rest of the country, and nearer than UTC.
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

/** Node 20 has the accessor, newer ones the method. */
function timezonesIn(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    timeZones?: string[];
    getTimeZones?: () => string[] | undefined;
  };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

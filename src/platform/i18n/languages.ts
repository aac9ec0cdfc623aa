/**
 * The supported languages, with one folder of `src/translations/` each. The first one is the model for the
 * others.
 */
export const LANGUAGES = ['en', 'es'] as const;

export type Language = (typeof LANGUAGES)[number];

/**
 * The locale to write in: the first wished one with a supported language, else the default. It keeps its
 * region, which determines dates and amounts. Extensions (`-u-nu-arab`) are dropped, because the texts do not
 * support them.
 */
export function chooseLocale(wished: readonly string[], fallback: string): string {
  return wished.map(spokenLocale).find((locale) => locale !== null) ?? fallback;
}

/** The tag in canonical form without extensions; null if it is invalid or its language is not supported. */
export function spokenLocale(tag: string): string | null {
  const locale = localeOf(tag);
  return locale && isSpoken(locale.language) ? locale.baseName : null;
}

export function languageOf(tag: string): Language {
  const language = localeOf(tag)?.language;
  if (!language || !isSpoken(language)) throw new Error(`There are no texts in ${tag}`);
  return language;
}

/** The writing direction of a locale. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return localeOf(tag)?.direction ?? 'ltr';
}

function isSpoken(language: string): language is Language {
  return (LANGUAGES as readonly string[]).includes(language);
}

/** The properties of a locale. */
interface KnownLocale {
  baseName: string;
  language: string;
  direction: 'ltr' | 'rtl';
}

/** Locales by tag. A lookup with `Intl` for each message took 5% of the time of sending it. */
const known = new Map<string, KnownLocale | null>();
/** The cache is bounded, because customers can have any tag. */
const KNOWN_MAX = 500;

function localeOf(tag: string): KnownLocale | null {
  let locale = known.get(tag);
  if (locale === undefined) {
    if (known.size === KNOWN_MAX) known.clear();
    locale = parseLocale(tag);
    known.set(tag, locale);
  }
  return locale;
}

function parseLocale(tag: string): KnownLocale | null {
  try {
    const locale = new Intl.Locale(tag) as Intl.Locale & {
      textInfo?: { direction: 'ltr' | 'rtl' };
      getTextInfo?: () => { direction: 'ltr' | 'rtl' };
    };
    const { direction = 'ltr' } = locale.getTextInfo?.() ?? locale.textInfo ?? {};
    return { baseName: locale.baseName, language: locale.language, direction };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

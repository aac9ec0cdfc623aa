/** The languages there are texts in: one folder of `src/translations/` each. The first one is the model for the others. */
export const LANGUAGES = ['en', 'es'] as const;

export type Language = (typeof LANGUAGES)[number];

/**
 * The locale to write in: the first wished one whose language we speak, with its region, for which dates
 * and amounts differ; else the default. Extensions (`-u-nu-arab`) are dropped, for our texts do not follow them.
 */
export function chooseLocale(wished: readonly string[], fallback: string): string {
  return wished.map(spokenLocale).find((locale) => locale !== null) ?? fallback;
}

/** The tag in its canonical form without extensions; null when it is none, or not of our languages. */
export function spokenLocale(tag: string): string | null {
  const locale = localeOf(tag);
  return locale && isSpoken(locale.language) ? locale.baseName : null;
}

export function languageOf(tag: string): Language {
  const language = localeOf(tag)?.language;
  if (!language || !isSpoken(language)) throw new Error(`There are no texts in ${tag}`);
  return language;
}

/** Where a line of this locale starts. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return localeOf(tag)?.direction ?? 'ltr';
}

function isSpoken(language: string): language is Language {
  return (LANGUAGES as readonly string[]).includes(language);
}

/** What is asked of a locale. */
interface KnownLocale {
  baseName: string;
  language: string;
  direction: 'ltr' | 'rtl';
}

/** By tag: asking `Intl` for a message took a twentieth of the time it took to send it. */
const known = new Map<string, KnownLocale | null>();
/** Customers can have any tag. */
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

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
  const locale = toLocale(tag);
  return locale && isSpoken(locale.language) ? locale.baseName : null;
}

export function languageOf(locale: string): Language {
  const { language } = new Intl.Locale(locale);
  if (!isSpoken(language)) throw new Error(`There are no texts in ${locale}`);
  return language;
}

/** Where a line of this locale starts. */
export function directionOf(locale: string): 'ltr' | 'rtl' {
  const info = new Intl.Locale(locale) as Intl.Locale & {
    textInfo?: { direction: 'ltr' | 'rtl' };
    getTextInfo?: () => { direction: 'ltr' | 'rtl' };
  };
  return (info.getTextInfo?.() ?? info.textInfo)?.direction ?? 'ltr';
}

function isSpoken(language: string): language is Language {
  return (LANGUAGES as readonly string[]).includes(language);
}

function toLocale(tag: string): Intl.Locale | null {
  try {
    return new Intl.Locale(tag);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

import type { i18n } from 'i18next';
import { directionOf, type Language, languageOf } from './languages.js';

/** Formatters by locale and options. Creating one takes a hundred times as long as using it. */
const formatters = new Map<string, object>();
const FORMATTERS_MAX = 500;

function kept<T extends object>(key: string, make: () => T): T {
  const known = formatters.get(key);
  if (known) return known as T;
  if (formatters.size === FORMATTERS_MAX) formatters.clear();
  const made = make();
  formatters.set(key, made);
  return made;
}

export type TextValues = Readonly<Record<string, string | number>>;

/** Texts, dates and amounts for one reader: in a language, the customs of a locale and a time zone. */
export class LocalText {
  readonly language: Language;
  /** The `dir` attribute of the HTML element with these texts. */
  readonly dir: 'ltr' | 'rtl';

  /** @param locale BCP 47, of a supported language; also for the `lang` attribute */
  constructor(
    private readonly i18n: i18n,
    readonly locale: string,
    private readonly timezone: string,
  ) {
    this.language = languageOf(locale);
    this.dir = directionOf(locale);
  }

  /**
   * The text of a key (`portal:expired.title`) with its values, as plain text; escape it for HTML. `count`
   * chooses the plural form (`…_one`, `…_other`).
   * @throws Error for an unknown key or a missing value
   */
  t(key: string, values: TextValues = {}): string {
    return this.i18n.t(this.known(key, values), {
      ...this.options(values),
      replace: values,
    });
  }

  /** The text of a key with its placeholders. @throws Error for an unknown key */
  source(key: string, values: TextValues = {}): string {
    return this.i18n.t(this.known(key, values), { ...this.options(values), skipInterpolation: true });
  }

  /** The day: `November 24, 2026`. */
  date(date: Date): string {
    return this.formatDate(date, { dateStyle: 'long' });
  }

  /** `US Dollar`; the code itself if it has no name. */
  currencyName(currency: string): string {
    const code = currency.toUpperCase();
    if (!/^[A-Z]{3}$/.test(code)) return code;
    const names = kept(
      `${this.locale} currencies`,
      () => new Intl.DisplayNames(this.locale, { type: 'currency' }),
    );
    return names.of(code) ?? code;
  }

  private formatDate(date: Date, options: Intl.DateTimeFormatOptions): string {
    const format = { ...options, timeZone: this.timezone };
    return kept(
      `${this.locale} ${JSON.stringify(format)}`,
      () => new Intl.DateTimeFormat(this.locale, format),
    ).format(date);
  }

  private known(key: string, values: TextValues): string {
    if (this.i18n.exists(key, this.options(values))) return key;
    throw new Error(`No text ${key} in ${this.language}`);
  }

  /** Values are inserted literally: `$t(…)` in a value is no reference to another text. */
  private options({ count }: TextValues) {
    return { lng: this.language, nest: false, ...(typeof count === 'number' ? { count } : {}) } as const;
  }
}

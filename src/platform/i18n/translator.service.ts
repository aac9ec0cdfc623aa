import { readdirSync, readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import i18next, { type i18n, type Resource } from 'i18next';
import { I18nSettings } from './i18n.settings.js';
import { chooseLocale } from './languages.js';
import { LocalText } from './local-text.js';

const FOLDER = new URL('../../translations/', import.meta.url);

/**
 * The texts of `src/translations/<language>/<namespace>.json`, read once at boot; all other work is
 * synchronous. A missing key or value throws, and a test keeps the languages equal.
 */
@Injectable()
export class Translator {
  private readonly i18n: i18n;

  constructor(private readonly settings: I18nSettings) {
    this.i18n = createI18n(readTranslations());
  }

  /**
   * The texts for a reader with these preferred locales, best first; in the default language if none is
   * supported.
   */
  for(wishedLocales: readonly string[], timezone = 'UTC'): LocalText {
    return new LocalText(this.i18n, chooseLocale(wishedLocales, this.settings.defaultLocale), timezone);
  }
}

/** Language → namespace → texts. */
export function readTranslations(): Resource {
  const languages = readdirSync(FOLDER);
  return Object.fromEntries(languages.map((language) => [language, readNamespaces(language)]));
}

function readNamespaces(language: string): Resource[string] {
  const folder = new URL(`${language}/`, FOLDER);
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(
    files.map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Resource[string][string],
    ]),
  );
}

/** Creates a separate, strict, synchronous instance of i18next. */
export function createI18n(resources: Resource): i18n {
  const instance = i18next.createInstance();
  void instance.init({
    initAsync: false,
    resources,
    ns: Object.keys(Object.values(resources)[0] ?? {}),
    defaultNS: false,
    fallbackLng: false,
    lng: Object.keys(resources)[0],
    // The code that inserts a text into HTML escapes all of it, once.
    interpolation: { escapeValue: false },
    missingInterpolationHandler: (text: string, [placeholder]: RegExpMatchArray) => {
      throw new Error(`No value for ${placeholder} of "${text}"`);
    },
  });
  return instance;
}

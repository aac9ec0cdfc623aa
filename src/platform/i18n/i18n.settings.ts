import { text } from '../settings/rule.js';
import { settings } from '../settings/settings.js';
import { LANGUAGES, spokenLocale } from './languages.js';

/** A locale (BCP 47) of one of the supported languages. */
export const knownLocale = text(
  `must be a locale of one of the languages ${LANGUAGES.join(', ')}, such as en-GB`,
  (given) => spokenLocale(given) === given,
);

export class I18nSettings extends settings('Language', {
  defaultLocale: {
    name: 'DEFAULT_LOCALE',
    rule: knownLocale,
    default: 'en',
    meaning:
      'The language and region for people who prefer no supported language, such as `en-GB` or `es-MX`.',
  },
}) {}

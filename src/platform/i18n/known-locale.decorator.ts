import { ValidateBy } from 'class-validator';
import { knownLocale } from './i18n.settings.js';

/** Validates a property of a request by the rule of `DEFAULT_LOCALE`. */
export const IsKnownLocale = (): PropertyDecorator =>
  ValidateBy({
    name: 'isKnownLocale',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && knownLocale.read(value) !== undefined,
      defaultMessage: () => `$property ${knownLocale.must}`,
    },
  });

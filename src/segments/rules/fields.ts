import type { CustomerFields } from './customer-facts.js';
import type { FieldName, TimeField } from './rule.js';
import { folded, textOf } from './values.js';

/** The value of each field: null if it is missing. Texts in FOLDED_FIELDS are in lower case. */
export const FIELD_VALUES: Record<
  Exclude<FieldName, TimeField>,
  (customer: CustomerFields) => string | boolean | null
> = {
  email: ({ email }) => foldedOf(email),
  email_domain: ({ email }) => foldedOf(/@([^@]*)$/.exec(email)?.[1]),
  name: ({ name }) => textOf(name),
  phone: ({ phone }) => textOf(phone),
  country: ({ address }) => foldedOf(address?.country),
  language: ({ preferredLocales: [locale] }) => foldedOf(textOf(locale)?.split(/[-_]/)[0]),
  currency: ({ currency }) => foldedOf(currency),
  account: ({ account }) => textOf(account),
  livemode: ({ livemode }) => livemode,
  delinquent: ({ delinquent }) => delinquent,
};

function foldedOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null ? null : folded(text);
}

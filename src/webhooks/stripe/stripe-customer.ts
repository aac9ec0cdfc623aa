import { isMailAddress } from '../../platform/mail-address.js';
import { withoutInvisible } from '../../platform/visible-text.js';
import type { StripeCustomer } from '../../events/stripe-customer.js';
import type { Refusal } from './event-outcome.js';
import { isRecord, isTooDeep, toIsoTime } from './received-event.js';

const EMAIL_MAX_LENGTH = 254;
const USER_ID_MAX_LENGTH = 64;
/** Characters that cannot be stored were replaced with U+FFFD. Such an id must not match a stored user. */
const NOT_IN_A_USER_ID = /[\p{Cc}\uFFFD]/u;
const CUSTOMER_ID = /^cus_[A-Za-z0-9_]{1,250}$/;

/**
 * A customer as Stripe reports it. A customer without an address cannot be set up, but may have been set up
 * earlier.
 */
export type ReportedCustomer = Omit<StripeCustomer, 'email'> & { email: string | null };

export type TranslatedCustomer =
  | {
      valid: true;
      customer: ReportedCustomer;
      /** Null if the metadata name no user. */
      mingusUserId: string | null;
    }
  | ({ valid: false } & Refusal);

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isReference: Check = (value) => isText(value) || isRecord(value);
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText);

/** The fields with a column, each with its check. All may be null or missing. */
const OPTIONAL_FIELDS: Record<string, Check> = {
  name: isText,
  phone: isText,
  description: isText,
  address: isRecord,
  shipping: isRecord,
  preferred_locales: isTextList,
  currency: isText,
  balance: Number.isSafeInteger,
  account_balance: Number.isSafeInteger,
  tax_exempt: isText,
  invoice_prefix: isText,
  next_invoice_sequence: Number.isSafeInteger,
  invoice_settings: isRecord,
  default_source: isReference,
  delinquent: isBoolean,
  discount: isRecord,
  test_clock: isReference,
};
const OPTIONAL_NAMES = Object.keys(OPTIONAL_FIELDS);
const COLUMN_FIELDS = new Set([
  ...OPTIONAL_NAMES,
  'id',
  'object',
  'email',
  'metadata',
  'created',
  'livemode',
]);

/**
 * Validates a Stripe customer object of any API version and translates it. Field list:
 * https://docs.stripe.com/api/customers/object
 * @param livemode of the event; it takes precedence over that of the object
 */
export function translateCustomer(object: unknown, livemode: boolean | null): TranslatedCustomer {
  if (!isRecord(object)) return refuse('missing_object', 'No customer object');
  if ((object.object ?? 'customer') !== 'customer') return refuse('not_a_customer', 'Not a customer object');
  if (isTooDeep(object)) return refuse('too_deeply_nested', 'Object nested too deeply');
  const missing = ['id', 'email'].filter((field) => isMissing(object, field));
  const isWithoutAddress = object.email === null;
  if (missing.includes('id') || (missing.length > 0 && !isWithoutAddress))
    return { valid: false, ...missingFields(missing) };
  const { id, email } = object;
  if (typeof id !== 'string' || !CUSTOMER_ID.test(id))
    return refuse('invalid_customer_id', 'Invalid customer ID format');
  if (!isWithoutAddress && !isAddress(email)) {
    return refuse('invalid_email', 'Invalid email format');
  }
  const metadata = object.metadata ?? {};
  if (!isRecord(metadata) || !Object.values(metadata).every(isText)) {
    return refuse('invalid_metadata', 'Metadata is not a map of strings');
  }
  const wrong = OPTIONAL_NAMES.filter((field) => isWrong(object, field));
  if (wrong.length > 0) return refuse('invalid_fields', `Invalid fields: ${wrong.join(', ')}`);
  const given = (metadata.mingus_user_id as string | undefined) ?? '';
  const userId = given.trim();
  if (userId.length > USER_ID_MAX_LENGTH)
    return refuse('invalid_user_id', 'User ID longer than 64 characters');
  if (NOT_IN_A_USER_ID.test(userId)) return refuse('invalid_user_id', 'User ID with unprintable characters');
  return { valid: true, customer: toCustomer(object, livemode), mingusUserId: userId === '' ? null : given };
}

/** The id of a customer object, which may be incomplete. */
export function customerIdOf(object: unknown): string | null {
  const id = isRecord(object) ? object.id : undefined;
  return typeof id === 'string' && CUSTOMER_ID.test(id) ? id : null;
}

/** The id of the customer that an object is, or that it belongs to. The object may be incomplete otherwise. */
export function customerNamedBy(object: unknown): string | null {
  if (!isRecord(object)) return null;
  return customerIdOf(object) ?? customerIdOf({ id: idOf(object.customer) });
}

/** The refusal of a customer without these fields. */
export function missingFields(names: readonly string[]): Refusal {
  return {
    code: 'missing_required_fields',
    message: `Invalid customer data: Missing required fields: ${names.join(', ')}`,
  };
}

function refuse(code: string, detail: string): TranslatedCustomer {
  return { valid: false, code, message: `Invalid customer data: ${detail}` };
}

function isMissing(object: Record<string, unknown>, field: string): boolean {
  return object[field] === undefined || object[field] === null || object[field] === '';
}

function isAddress(email: unknown): boolean {
  if (typeof email !== 'string' || email.length > EMAIL_MAX_LENGTH) return false;
  return isMailAddress(withoutInvisible(email));
}

function isWrong(object: Record<string, unknown>, field: string): boolean {
  const value = object[field];
  return value !== undefined && value !== null && !OPTIONAL_FIELDS[field]?.(value);
}

/** The casts are safe, because all fields have been checked before. */
function toCustomer(object: Record<string, unknown>, livemode: boolean | null): ReportedCustomer {
  const text = (field: string) => (object[field] as string | undefined) ?? null;
  const record = (field: string) => (object[field] as Record<string, unknown> | undefined) ?? null;
  return {
    stripeCustomerId: object.id as string,
    livemode: livemode ?? object.livemode === true,
    email: object.email === null ? null : withoutInvisible(object.email as string),
    name: text('name'),
    phone: text('phone'),
    description: text('description'),
    address: record('address'),
    shipping: record('shipping'),
    metadata: (object.metadata as Record<string, string> | undefined) ?? {},
    preferredLocales: (object.preferred_locales as string[] | undefined) ?? [],
    currency: text('currency'),
    balanceMinor: ((object.balance ?? object.account_balance) as number | undefined) ?? 0,
    taxExempt: text('tax_exempt'),
    invoicePrefix: text('invoice_prefix'),
    nextInvoiceSequence: (object.next_invoice_sequence as number | undefined) ?? null,
    invoiceSettings: record('invoice_settings'),
    defaultSource: idOf(object.default_source),
    delinquent: (object.delinquent as boolean | undefined) ?? null,
    discount: record('discount'),
    testClock: idOf(object.test_clock),
    stripeCreatedAt: toIsoTime(object.created),
    additionalFields: additionalFieldsOf(object),
  };
}

/** The id in a reference, which is an id or, if the request expanded it, the object. */
function idOf(reference: unknown): string | null {
  const id = isRecord(reference) ? reference.id : reference;
  return typeof id === 'string' ? id : null;
}

function additionalFieldsOf(object: Record<string, unknown>): Record<string, unknown> {
  const isKept = (field: string) =>
    !COLUMN_FIELDS.has(field) ||
    (isRecord(object[field]) && (field === 'default_source' || field === 'test_clock'));
  const kept = Object.keys(object).filter(isKept);
  return Object.fromEntries(kept.map((field) => [field, object[field]]));
}

import { isEmail } from 'class-validator';
import type { StripeCustomer } from '../../events/stripe-customer.js';
import type { Refusal } from './event-outcome.js';
import { isRecord, isTooDeep, toIsoTime } from '../intake/received-event.js';

const EMAIL_MAX_LENGTH = 254;
const USER_ID_MAX_LENGTH = 64;
/** What could not be stored has become U+FFFD: such an id must not meet a user who is called so. */
const NOT_IN_A_USER_ID = /[\p{Cc}\uFFFD]/u;
const CUSTOMER_ID = /^cus_[A-Za-z0-9_]{1,250}$/;

/** A customer as Stripe tells it: one without an address cannot be set up, but may have been before. */
export type ToldCustomer = Omit<StripeCustomer, 'email'> & { email: string | null };

export type TranslatedCustomer =
  | {
      valid: true;
      customer: ToldCustomer;
      /** Null when the metadata name nobody. */ mingusUserId: string | null;
    }
  | ({ valid: false } & Refusal);

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isReference: Check = (value) => isText(value) || isRecord(value);
const isTextList: Check = (value) => Array.isArray(value) && value.every(isText);

/** The fields that get a column, each with its shape. All may be null or missing. */
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
const COLUMN_FIELDS = new Set([
  ...Object.keys(OPTIONAL_FIELDS),
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
 * @param livemode the event's, which wins over the object's
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
  const wrong = Object.keys(OPTIONAL_FIELDS).filter((field) => isWrong(object, field));
  if (wrong.length > 0) return refuse('invalid_fields', `Invalid fields: ${wrong.join(', ')}`);
  const userId = (metadata.mingus_user_id as string | undefined)?.trim() ?? '';
  if (userId.length > USER_ID_MAX_LENGTH)
    return refuse('invalid_user_id', 'User ID longer than 64 characters');
  if (NOT_IN_A_USER_ID.test(userId)) return refuse('invalid_user_id', 'User ID with unprintable characters');
  return { valid: true, customer: toCustomer(object, livemode), mingusUserId: userId || null };
}

/** The id of a customer object that may be incomplete otherwise. */
export function customerIdOf(object: unknown): string | null {
  const id = isRecord(object) ? object.id : undefined;
  return typeof id === 'string' && CUSTOMER_ID.test(id) ? id : null;
}

/** Why a customer without these fields cannot be set up. */
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
  return typeof email === 'string' && email.length <= EMAIL_MAX_LENGTH && isEmail(email);
}

function isWrong(object: Record<string, unknown>, field: string): boolean {
  const value = object[field];
  return value !== undefined && value !== null && !OPTIONAL_FIELDS[field]?.(value);
}

/** Shapes have been checked: what is cast here is what it is cast to, or missing. */
function toCustomer(object: Record<string, unknown>, livemode: boolean | null): ToldCustomer {
  const text = (field: string) => (object[field] as string | undefined) ?? null;
  const record = (field: string) => (object[field] as Record<string, unknown> | undefined) ?? null;
  return {
    stripeCustomerId: object.id as string,
    livemode: livemode ?? object.livemode === true,
    email: object.email as string | null,
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

/** A reference is an id, or the object itself where the request expanded it. */
function idOf(reference: unknown): string | null {
  const id = isRecord(reference) ? reference.id : reference;
  return typeof id === 'string' ? id : null;
}

function additionalFieldsOf(object: Record<string, unknown>): Record<string, unknown> {
  const isKept = (field: string) =>
    !COLUMN_FIELDS.has(field) ||
    (isRecord(object[field]) && (field === 'default_source' || field === 'test_clock'));
  return Object.fromEntries(Object.entries(object).filter(([field]) => isKept(field)));
}

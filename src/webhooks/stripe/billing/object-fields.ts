import type { Refusal } from '../event-outcome.js';
import { customerIdOf } from '../stripe-customer.js';
import { isRecord, isTooDeep, textOrNull, toIsoTime } from '../received-event.js';

/** A translated object with the customer that it belongs to, or why it is refused. */
export type Translated<T> =
  { valid: true; stripeCustomerId: string; reported: T } | ({ valid: false } & Refusal);

/** Above this an amount is no price: 10 billion in a currency with cents. Sums of many stay exact. */
export const AMOUNT_MAX = 1_000_000_000_000;

const CURRENCY = /^[a-z]{3}$/i;
const DECIMAL = /^\d{1,15}(\.\d{1,12})?$/;

/**
 * Reads the fields of an unchecked Stripe object, and collects the names of those with an unexpected value. A
 * missing or null field is read as null and is no problem.
 */
export class ObjectFields {
  constructor(
    private readonly object: Record<string, unknown>,
    readonly problems: string[] = [],
    private readonly path = '',
  ) {}

  /** A raw value; undefined if it is missing or null. */
  raw(name: string): unknown {
    return this.object[name] ?? undefined;
  }

  text(name: string): string | null {
    return this.read(name, textOrNull);
  }

  time(name: string): string | null {
    return this.read(name, toIsoTime);
  }

  flag(name: string): boolean {
    return this.read(name, (value) => (typeof value === 'boolean' ? value : null)) ?? false;
  }

  /** A whole number of at least 0. */
  count(name: string): number | null {
    return this.read(name, (value) => (isWithin(value, 0) ? value : null));
  }

  /** An amount in minor units, which may be negative. */
  amount(name: string): number | null {
    return this.read(name, (value) => (isWithin(value, -AMOUNT_MAX) && value <= AMOUNT_MAX ? value : null));
  }

  /** A decimal number of at least 0, written as a number or as a text. */
  decimal(name: string): string | null {
    return this.read(name, toDecimal);
  }

  currency(name: string): string | null {
    return this.read(name, (value) =>
      typeof value === 'string' && CURRENCY.test(value) ? value.toLowerCase() : null,
    );
  }

  oneOf<const T extends string>(name: string, values: readonly T[]): T | null {
    return this.read(name, (value) => values.find((known) => known === value) ?? null);
  }

  /** The id of an object that is named, or expanded. */
  reference(name: string): string | null {
    return this.read(name, (value) => textOrNull(isRecord(value) ? value.id : value));
  }

  /** An object within this one; null if there is none. */
  inner(name: string): ObjectFields | null {
    const value = this.read(name, (inner) => (isRecord(inner) ? inner : null));
    return value && new ObjectFields(value, this.problems, `${this.path}${name}.`);
  }

  /** The objects of a list: an array, or one of Stripe's list objects. */
  list(name: string): ObjectFields[] {
    const value = this.raw(name);
    const found = isRecord(value) ? value.data : value;
    if (found === undefined || found === null) return [];
    if (!Array.isArray(found) || found.length > LIST_MAX || !found.every(isRecord)) {
      this.refuse(name);
      return [];
    }
    return found.map((each, index) => new ObjectFields(each, this.problems, `${this.path}${name}.${index}.`));
  }

  refuse(name: string): void {
    this.problems.push(`${this.path}${name}`);
  }

  private read<T>(name: string, toValue: (value: unknown) => T | null): T | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    const read = toValue(value);
    if (read === null) this.refuse(name);
    return read;
  }
}

/** Stripe allows 20 items in a subscription. */
const LIST_MAX = 100;

function isWithin(value: unknown, from: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= from;
}

function toDecimal(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && DECIMAL.test(text) && Number(text) <= AMOUNT_MAX ? text : null;
}

/**
 * Translates an object of one kind. All that is wrong with it becomes a coded refusal.
 * @param kind as in the object's `object`, which old API versions leave out
 * @param translate reads the fields; problems that it leaves behind refuse the object
 */
export function translateObject<T>(
  object: unknown,
  kind: string,
  translate: (fields: ObjectFields) => { customer: unknown; reported: T } | ({ valid: false } & Refusal),
): Translated<T> {
  if (!isRecord(object)) return refuse(kind, 'missing_object', `No ${kind} object`);
  if ((object.object ?? kind) !== kind)
    return refuse(kind, `not_a_${kind.replace('.', '_')}`, `Not a ${kind} object`);
  if (isTooDeep(object)) return refuse(kind, 'too_deeply_nested', 'Object nested too deeply');
  if (textOrNull(object.id) === null)
    return refuse(kind, 'missing_required_fields', 'Missing required fields: id');
  const fields = new ObjectFields(object);
  const translated = translate(fields);
  if ('valid' in translated) return translated;
  const { customer, reported } = translated;
  if (customer === undefined || customer === null)
    return refuse(kind, NO_CUSTOMER, `The ${kind} belongs to no customer`);
  const stripeCustomerId = customerIdOf(isRecord(customer) ? customer : { id: customer });
  if (!stripeCustomerId) return refuse(kind, 'invalid_customer_id', 'Invalid customer ID format');
  const { problems } = fields;
  if (problems.length > 0)
    return refuse(kind, 'invalid_fields', `Invalid fields: ${problems.slice(0, PROBLEMS_SHOWN).join(', ')}`);
  return { valid: true, stripeCustomerId, reported };
}

/** The code of an object that belongs to no customer: a guest has paid, for example. */
export const NO_CUSTOMER = 'no_customer';

const PROBLEMS_SHOWN = 10;

export function refuse(kind: string, code: string, detail: string): { valid: false } & Refusal {
  return { valid: false, code, message: `Invalid ${kind} data: ${detail}` };
}

import { type CustomerDocument, valueAt } from './customer-document.js';
import type { FieldRule, Fields, FieldValue, Mapping, MappingFunction } from './mapping.js';

/** A field cannot be made from the customer. The delivery is rejected with it, visibly. */
export class MappingError extends Error {
  constructor(
    readonly field: string,
    /** One word. */
    readonly problem:
      'not_a_text' | 'not_a_time' | 'not_a_number' | 'not_a_list' | 'not_listed' | 'not_a_value',
  ) {
    super(`The field ${field} cannot be made: ${problem}`);
  }
}

/** What decides about fields that are not always written. */
export interface MappingContext {
  /** Whether the person has not been written to the system yet. */
  isNew: boolean;
  /** The present fields of the person in the system; null for an unknown person, undefined if they were not read. */
  current?: Fields | null;
}

/** The fields to write. A field without a source value is left out. @throws MappingError */
export function applyMapping(mapping: Mapping, document: CustomerDocument, context: MappingContext): Fields {
  const fields: Record<string, FieldValue> = {};
  for (const [field, rule] of Object.entries(mapping)) {
    if (!isWritten(field, rule, context)) continue;
    const value = valueOf(field, rule, document);
    if (value !== undefined) fields[field] = value;
  }
  return fields;
}

function isWritten(
  field: string,
  { when = 'always' }: FieldRule,
  { isNew, current }: MappingContext,
): boolean {
  if (when === 'onCreate') return isNew;
  if (when === 'ifEmpty')
    return current !== undefined && [null, undefined, ''].includes(current?.[field] as never);
  return true;
}

function valueOf(field: string, rule: FieldRule, document: CustomerDocument): FieldValue | undefined {
  let value: unknown = rule.from === undefined ? rule.constant : valueAt(document, rule.from);
  if (value === undefined) return undefined;
  for (const name of rule.apply ?? []) value = FUNCTIONS[name](value, field, rule);
  if (rule.values) {
    const key = String(value);
    if (!Object.hasOwn(rule.values, key)) throw new MappingError(field, 'not_listed');
    value = rule.values[key];
  }
  if (!['string', 'number', 'boolean'].includes(typeof value)) throw new MappingError(field, 'not_a_value');
  return value as FieldValue;
}

type Apply = (value: unknown, field: string, rule: FieldRule) => unknown;

const onText = (apply: (text: string) => unknown): Apply => {
  return (value, field) => {
    if (typeof value !== 'string') throw new MappingError(field, 'not_a_text');
    return apply(value);
  };
};

const onTime = (apply: (time: Date) => unknown): Apply => {
  return (value, field) => {
    const time = new Date(typeof value === 'string' ? value : Number.NaN);
    if (Number.isNaN(time.getTime())) throw new MappingError(field, 'not_a_time');
    return apply(time);
  };
};

const FUNCTIONS: Readonly<Record<MappingFunction, Apply>> = {
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  trim: onText((text) => text.trim()),
  first_word: onText((text) => text.trim().split(/\s+/)[0]),
  last_words: onText((text) => text.trim().split(/\s+/).slice(1).join(' ')),
  date: onTime((time) => time.toISOString().slice(0, 10)),
  unix_seconds: onTime((time) => Math.floor(time.getTime() / 1000)),
  unix_milliseconds: onTime((time) => time.getTime()),
  minor_to_major: (value, field, { from = '' }) => {
    if (typeof value !== 'number') throw new MappingError(field, 'not_a_number');
    return value / 10 ** decimalsOf(from.split('.').at(-1) ?? '');
  },
  join: (value, field) => {
    if (!Array.isArray(value)) throw new MappingError(field, 'not_a_list');
    return value.join(';');
  },
  count: (value, field) => {
    if (!Array.isArray(value)) throw new MappingError(field, 'not_a_list');
    return value.length;
  },
  text: (value) => String(value),
};

/** Stripe's amounts in these currencies have two decimals, against ISO 4217. https://docs.stripe.com/currencies */
const TWO_DECIMALS_AT_STRIPE = new Set(['isk', 'ugx']);

function decimalsOf(currency: string): number {
  if (!/^[a-z]{3}$/.test(currency) || TWO_DECIMALS_AT_STRIPE.has(currency)) return 2;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

import type { DocumentPath } from './customer-document.js';

/** The functions of mappings, applied in their order. There is no other code in a mapping. */
export const MAPPING_FUNCTIONS = [
  'lower',
  'upper',
  'trim',
  'first_word',
  'last_words',
  'date',
  'unix_seconds',
  'unix_milliseconds',
  'minor_to_major',
  'join',
  'count',
  'text',
] as const;

export type MappingFunction = (typeof MAPPING_FUNCTIONS)[number];

/**
 * - `always`: the field follows the source.
 * - `onCreate`: it is written with the first delivery of a person only, so that people can correct it.
 * - `ifEmpty`: it is written while the system has no value. The system must be able to read back.
 */
export const FIELD_POLICIES = ['always', 'onCreate', 'ifEmpty'] as const;

export type FieldPolicy = (typeof FIELD_POLICIES)[number];

/** Where a target field gets its value. */
export interface FieldRule {
  /** A path of the customer's document, such as `customer.email`, or a constant. A missing source leaves the field out. */
  from?: DocumentPath;
  constant?: string | number | boolean;
  apply?: readonly MappingFunction[];
  /** Values by source value, after `apply`. A value that is not listed fails the delivery. */
  values?: Readonly<Record<string, string | number | boolean>>;
  when?: FieldPolicy;
}

/** Target field ← rule. */
export type Mapping = Readonly<Record<string, FieldRule>>;

export type FieldValue = string | number | boolean | null;

/** Fields as a system gets them. */
export type Fields = Readonly<Record<string, FieldValue>>;

import type { Fields, OutgoingRow, RowResult } from './connector.js';

/** The fields whose names begin with a part of the record, without that part: `account.name` is `name` of the account. */
export function fieldsWithin(part: string, fields: Fields): Fields {
  const own = Object.entries(fields).filter(([name]) => name.startsWith(part));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(part.length), value]));
}

/** The fields whose names do not begin with a part of the record. */
export function fieldsOutside(part: string, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith(part)));
}

/** The refusal of a row with fields that the connector does not write; null if it has none. */
export function unknownFields(fields: Fields, isKnown: (name: string) => boolean): RowResult | null {
  const unknown = Object.keys(fields).filter((name) => !isKnown(name));
  return unknown.length > 0
    ? { result: 'rejected', code: 'unknown_field', detail: unknown.join(', ') }
    : null;
}

/** The row for a person that the system has already. People may have corrected what is not always written, so it stays. */
export function keepFilled(row: OutgoingRow, present: Fields): OutgoingRow {
  const kept = new Set(row.keptFields?.filter((name) => isFilled(present[name])));
  return withFields(row, (name) => !kept.has(name));
}

/**
 * The row for a person that the system has already, with our id or without. Without it, people made the record, and it
 * keeps all that they wrote.
 * @param ours the beginning of the names of fields that the installation defines for this service
 */
export function keepWritten(
  row: OutgoingRow,
  present: Fields,
  ourId: string | null,
  ours: string,
): OutgoingRow {
  if (ourId) return keepFilled(row, present);
  return withFields(row, (name) => name.startsWith(ours) || !isFilled(present[name]));
}

function withFields(row: OutgoingRow, isWritten: (name: string) => boolean): OutgoingRow {
  const written = Object.entries(row.fields).filter(([name]) => isWritten(name));
  return { ...row, fields: Object.fromEntries(written) };
}

function isFilled(value: Fields[string] | undefined): boolean {
  return value !== null && value !== undefined && value !== '';
}

import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { BinaryWriter } from './binary-writer.js';

type Encoder = (writer: BinaryWriter, value: never) => void;

const writeInteger: Encoder = (writer, value: number) => writer.integer(value);
const writeTime: Encoder = (writer, value: Date) => writer.time(value);

/** Writes values of each type. PostgreSQL reads the same value from the binary form as from JSON. */
const ENCODERS: Record<string, Encoder> = {
  text: (writer, value: string) => writer.text(value),
  uuid: (writer, value: string) => writer.uuid(value),
  boolean: (writer, value: boolean) => writer.byte(value ? 1 : 0),
  integer: writeInteger,
  bigint: (writer, value: number) => writer.bigint(value),
  'double precision': (writer, value: number) => writer.double(value),
  'timestamp with time zone': writeTime,
  'integer[]': (writer, values: readonly number[]) => writeList(writer, values, 23, writeInteger),
  'timestamp with time zone[]': (writer, values: readonly Date[]) =>
    writeList(writer, values, 1184, writeTime),
  jsonb: (writer, value: unknown) => {
    writer.byte(JSONB_VERSION);
    writer.text(JSON.stringify(value));
  },
};
const JSONB_VERSION = 1;
const FIRST_INDEX = 1;

/** Writes a list of values, all of the type with this object id of PostgreSQL. */
function writeList(writer: BinaryWriter, values: readonly unknown[], oid: number, encode: Encoder): void {
  const hasNulls = values.some(isNull);
  for (const header of [values.length > 0 ? 1 : 0, hasNulls ? 1 : 0, oid]) writer.int32(header);
  if (values.length > 0) for (const header of [values.length, FIRST_INDEX]) writer.int32(header);
  for (const value of values) writeValue(writer, value, encode);
}

/** PostgreSQL's name of the column's type. */
export function typeOf(column: ColumnMetadata): string {
  return column.entityMetadata.connection.driver.normalizeType(column) + (column.isArray ? '[]' : '');
}

/** A column of rows in binary form, and the property of the row with its value. */
export interface BinaryColumn {
  property: string;
  encode: Encoder;
}

/** Null if one of the columns has a type without an encoder. Such rows are sent as JSON. */
export function binaryColumns(columns: readonly ColumnMetadata[]): BinaryColumn[] | null {
  const found = columns.map((column) => {
    return { property: column.propertyName, encode: ENCODERS[typeOf(column)] };
  });
  return found.every((column): column is BinaryColumn => column.encode !== undefined) ? found : null;
}

/** The header of a binary COPY: signature, flags, length of the extension. */
const COPY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const COPY_DATA = 'd'.charCodeAt(0);
const COPY_DONE = Buffer.from('c\0\0\0\x04', 'latin1');
const NULL_VALUE = -1;
const END_OF_ROWS = -1;

/** One for all messages, so that its buffer grows once. */
const shared = new BinaryWriter();

/**
 * The protocol messages CopyData and CopyDone with the rows for `copy … from stdin (format binary)`.
 * @throws UnwritableValue for a value that its column cannot hold
 */
export function toCopyMessages(columns: readonly BinaryColumn[], rows: readonly object[]): Buffer {
  shared.reset();
  shared.byte(COPY_DATA);
  shared.int32(0);
  shared.bytes(COPY_HEADER);
  for (const row of rows) {
    shared.int16(columns.length);
    for (const { property, encode } of columns)
      writeValue(shared, (row as Record<string, unknown>)[property], encode);
  }
  shared.int16(END_OF_ROWS);
  shared.setInt32(1, shared.length - 1);
  shared.bytes(COPY_DONE);
  return shared.taken();
}

/** Writes the length of a value and the value. */
function writeValue(writer: BinaryWriter, value: unknown, encode: Encoder): void {
  if (isNull(value)) {
    writer.int32(NULL_VALUE);
    return;
  }
  const at = writer.length;
  writer.int32(0);
  encode(writer, value as never);
  writer.setInt32(at, writer.length - at - 4);
}

/** Whether `JSON.stringify` writes null for the value, also because JSON has no form for it. */
function isNull(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'number') return !Number.isFinite(value);
  return value instanceof Date && Number.isNaN(value.getTime());
}

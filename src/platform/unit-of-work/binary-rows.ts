import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { BinaryWriter } from './binary-writer.js';

type Encoder = (writer: BinaryWriter, value: never) => void;

/** Writes values of each type. PostgreSQL reads the same value from the binary form as from JSON. */
const ENCODERS: Record<string, Encoder> = {
  text: (writer, value: string) => writer.text(value),
  uuid: (writer, value: string) => writer.uuid(value),
  boolean: (writer, value: boolean) => writer.byte(value ? 1 : 0),
  integer: (writer, value: number) => writer.integer(value),
  bigint: (writer, value: number) => writer.bigint(value),
  'double precision': (writer, value: number) => writer.double(value),
  'timestamp with time zone': (writer, value: Date) => writer.time(value),
  'integer[]': (writer, values: readonly number[]) => {
    writeList(writer, values, { oid: 23, bytes: 4, write: (value) => writer.integer(value) });
  },
  'timestamp with time zone[]': (writer, values: readonly Date[]) => {
    writeList(writer, values, { oid: 1184, bytes: 8, write: (value) => writer.time(value) });
  },
  jsonb: (writer, value: unknown) => {
    writer.byte(JSONB_VERSION);
    writer.text(JSON.stringify(value));
  },
};
const JSONB_VERSION = 1;
const FIRST_INDEX = 1;

/** Writes a list of values, all of one type and size. */
function writeList<T>(
  writer: BinaryWriter,
  values: readonly T[],
  { oid, bytes, write }: { oid: number; bytes: number; write: (value: T) => void },
): void {
  for (const header of [values.length > 0 ? 1 : 0, 0, oid]) writer.int32(header);
  if (values.length > 0) for (const header of [values.length, FIRST_INDEX]) writer.int32(header);
  for (const value of values) {
    writer.int32(bytes);
    write(value);
  }
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

const writer = new BinaryWriter();

/**
 * The protocol messages CopyData and CopyDone with the rows for `copy … from stdin (format binary)`.
 * @throws UnwritableValue for a value that its column cannot hold
 */
export function toCopyMessages(columns: readonly BinaryColumn[], rows: readonly object[]): Buffer {
  writer.reset();
  writer.byte(COPY_DATA);
  writer.int32(0);
  writer.bytes(COPY_HEADER);
  for (const row of rows) {
    writer.int16(columns.length);
    for (const column of columns) writeValue(column, row as Record<string, unknown>);
  }
  writer.int16(END_OF_ROWS);
  writer.setInt32(1, writer.length - 1);
  writer.bytes(COPY_DONE);
  return writer.taken();
}

function writeValue({ property, encode }: BinaryColumn, row: Record<string, unknown>): void {
  const value = row[property];
  if (value === null || value === undefined || isNothingInJson(value)) {
    writer.int32(NULL_VALUE);
    return;
  }
  const at = writer.length;
  writer.int32(0);
  encode(writer, value as never);
  writer.setInt32(at, writer.length - at - 4);
}

/** Whether JSON has no form for the value, so that `JSON.stringify` writes null. */
function isNothingInJson(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return value instanceof Date && Number.isNaN(value.getTime());
}

import fc from 'fast-check';
import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseFaultOf } from '../../src/platform/database/database-fault.js';
import { databaseOptions } from '../../src/platform/database/database-options.js';
import { withConnection } from '../../src/platform/database/pg-client.js';
import { DatabaseSettings } from '../../src/platform/database/database.settings.js';
import { UnitOfWork } from '../../src/platform/unit-of-work/unit-of-work.js';
import { UnitOfWorkWriter } from '../../src/platform/unit-of-work/unit-of-work-writer.service.js';
import { TestDatabase } from '../support/database/test-database.js';
import { testEnvironment } from '../support/test-app.js';

/** One column of each type that rows of units of work use. */
@Entity('specimens')
class Specimen {
  @PrimaryColumn('integer')
  id: number;
  @Column('text', { nullable: true })
  text?: string | null;
  @Column('uuid', { nullable: true })
  uuid?: string | null;
  @Column('boolean', { nullable: true })
  flag?: boolean | null;
  @Column('integer', { nullable: true })
  integer?: number | null;
  @Column('integer', { nullable: true, array: true })
  integers?: number[] | null;
  @Column('bigint', { nullable: true })
  bigint?: number | null;
  @Column('double precision', { nullable: true })
  double?: number | null;
  @Column('jsonb', { nullable: true })
  jsonb?: unknown;
  @Column('timestamptz', { nullable: true })
  time?: Date | null;
  @Column('timestamptz', { nullable: true, array: true })
  times?: Date[] | null;
}

const TABLE = `create table specimens (id integer primary key, text text, uuid uuid, flag boolean, integer integer,
  integers integer[],  bigint bigint, double double precision, jsonb jsonb, time timestamptz, times timestamptz[])`;

/** Random UTF-16 code units: many surrogate pairs, lone surrogates, NUL. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc
    .array(fc.oneof(fc.constantFrom(0, 9, 127, 128, 0xd800, 0xdbff, 0xdc00, 0xfeff), fc.nat(0xffff)), {
      maxLength: 40,
    })
    .map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'grapheme', minLength: 40, maxLength: 300 }),
);
const anyNumber = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: false }),
  fc.constantFrom(
    -0,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 53,
    2 ** 63,
    -(2 ** 63),
    1.5,
    1e300,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ),
);
/** Times near the limits of PostgreSQL and ISO 8601, and random ones. */
const anyTime = fc.oneof(
  fc.date({ noInvalidDate: false }),
  fc.date({ min: new Date('1600-01-01'), max: new Date('9999-12-31T23:59:59.999Z') }),
  fc.constantFrom('0001-01-01T00:00:00.000Z', '0000-12-31T23:59:59.999Z').map((text) => new Date(text)),
  fc
    .constantFrom(253_402_300_799_999, 253_402_300_800_000, -62_135_596_800_001, Number.NaN)
    .map((ms) => new Date(ms)),
);
const anyUuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.uuid().map((id) => `${id.slice(0, 35)}g`),
  fc.uuid().map((id) => id.slice(1)),
  fc.string(),
);
const NULL = fc.constantFrom(null, undefined);
const listOf = <T>(values: fc.Arbitrary<T>) =>
  fc.array(fc.oneof({ weight: 9, arbitrary: values }, NULL), { maxLength: 5 });

describe('a row that travels in binary form', () => {
  let database: TestDatabase;
  const sources: DataSource[] = [];
  let writeBinary: (row: Specimen) => Promise<string>;
  let writeJson: (row: Specimen) => Promise<string>;

  beforeAll(async () => {
    database = await TestDatabase.create();
    await database.rows(TABLE);
    writeBinary = await open('true');
    writeJson = await open('false');
  });
  afterAll(async () => {
    for (const source of sources) await source.destroy();
    await database.drop();
  });

  /** @returns a function that writes a row and returns how PostgreSQL shows it, or the kind of fault */
  async function open(DATABASE_PREPARED_STATEMENTS: string): Promise<(row: Specimen) => Promise<string>> {
    const env = testEnvironment(database.url, 1, { DATABASE_PREPARED_STATEMENTS });
    const options = databaseOptions('intake', database.url, 3, () => undefined);
    const source = await new DataSource({ ...options, entities: [Specimen] }).initialize();
    sources.push(source);
    const writer = new UnitOfWorkWriter(new DatabaseSettings(env));
    return async (row) => {
      const unit = new UnitOfWork();
      unit.insert(Specimen, row);
      const fault = await withConnection(source, (manager) => writer.commit(manager, [unit])).then(
        () => null,
        databaseFaultOf,
      );
      const shown = await database.rows<{ row: string }>('delete from specimens s returning s::text as row');
      return fault ? `${fault}, ${shown.length} rows` : (shown[0]?.row ?? 'none');
    };
  }

  it.each([
    ['text', 'text', anyText],
    ['uuid', 'uuid', anyUuid],
    ['boolean', 'flag', fc.boolean()],
    ['integer', 'integer', anyNumber],
    ['integer[]', 'integers', listOf(anyNumber)],
    ['bigint', 'bigint', anyNumber],
    ['double precision', 'double', anyNumber],
    ['jsonb', 'jsonb', fc.oneof(fc.jsonValue({ stringUnit: 'binary' }), fc.dictionary(anyText, anyText))],
    ['timestamptz', 'time', anyTime],
    ['timestamptz[]', 'times', listOf(anyTime)],
  ] as const)('is stored or refused like the same row in JSON: %s', async (_, property, values) => {
    const rows = fc.oneof({ weight: 9, arbitrary: values as fc.Arbitrary<unknown> }, NULL);
    await fc.assert(
      fc.asyncProperty(rows, async (value) => {
        const row = { id: 1, [property]: value };
        expect(await writeBinary(row)).toBe(await writeJson(row));
      }),
      { numRuns: 150 },
    );
  });
});

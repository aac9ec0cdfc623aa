import type { DataSource, EntityMetadata } from 'typeorm';
import { type BinaryColumn, binaryColumns, toCopyMessages, typeOf } from './binary-rows.js';
import { toJobSpecs } from './job-specs.js';
import type { BatchedStatement } from './statement-batch.js';
import type { RowUpdate, UnitOfWork } from './unit-of-work.js';

/** A constant SQL text with its name. PostgreSQL parses and plans it once per connection. */
interface Statement {
  /** Without a name, PostgreSQL keeps no plan. */
  name?: string;
  text: string;
  /** Statements of a lower rank come first. */
  rank: number;
  /**
   * For a COPY, whose rows are sent in binary form. Otherwise the rows are the JSON of the only parameter.
   */
  columns?: BinaryColumn[];
}

/** A statement with its rows. */
interface Batch {
  statement: Statement;
  rows: object[];
}

/**
 * Turns units of work into few statements, generated from the metadata of the entities. Inserts are binary
 * COPYs, which cost less CPU than JSON, on connections that keep prepared statements. Behind a pooler that
 * does not, all rows are sent as JSON.
 */
export class WriteStatements {
  private readonly known = new Map<unknown, Statement>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly areNamed: boolean,
  ) {}

  /**
   * One insert per table, parents first; one update per table and set of columns, each other statement; all jobs at
   * once.
   * @throws UnwritableValue for a value that its column cannot hold
   */
  of(units: readonly UnitOfWork[]): BatchedStatement[] {
    const batches = new Map<unknown, Batch>();
    for (const { rows, updates, statements, lastStatements } of units) {
      for (const { entity, row } of rows) {
        this.batchOf(batches, entity, () => this.insertOf(this.dataSource.getMetadata(entity))).push(row);
      }
      for (const update of updates) {
        const toStatement = () => updateOf(this.dataSource.getMetadata(update.entity), update);
        this.batchOf(batches, shapeOf(update), toStatement).push(toUpdateRow(update));
      }
      for (const { text, row } of statements) {
        this.batchOf(batches, text, () => ({ text, rank: STATEMENTS_RANK })).push(row);
      }
      for (const { text, row, name, isFinal } of lastStatements) {
        const rank = isFinal ? FINAL_RANK : LAST_RANK;
        const batch = batches.get(text) ?? { statement: { name, text, rank }, rows: [] };
        batches.set(text, batch);
        batch.rows.push(row);
      }
    }
    const jobs = toJobSpecs(units.flatMap((unit) => unit.jobs));
    if (jobs.length > 0) batches.set(ADD_JOBS, { statement: ADD_JOBS, rows: jobs });
    return [...batches.values()]
      .toSorted((one, other) => one.statement.rank - other.statement.rank)
      .map((batch) => this.toBatched(batch));
  }

  private toBatched({ statement: { name, text, columns }, rows }: Batch): BatchedStatement {
    const named = this.areNamed && name ? { name } : {};
    return columns
      ? { ...named, text, values: [], copy: toCopyMessages(columns, rows) }
      : { ...named, text, values: [JSON.stringify(rows)] };
  }

  private insertOf(metadata: EntityMetadata): Omit<Statement, 'name'> {
    return (this.areNamed && copyOf(metadata)) || insertOf(metadata);
  }

  private batchOf(
    batches: Map<unknown, Batch>,
    key: unknown,
    toStatement: () => Omit<Statement, 'name'>,
  ): object[] {
    let batch = batches.get(key);
    if (!batch) {
      batch = { statement: this.statementOf(key, toStatement), rows: [] };
      batches.set(key, batch);
    }
    return batch.rows;
  }

  private statementOf(key: unknown, toStatement: () => Omit<Statement, 'name'>): Statement {
    let statement = this.known.get(key);
    if (!statement) {
      statement = { name: `write_${this.known.size}`, ...toStatement() };
      this.known.set(key, statement);
    }
    return statement;
  }
}

const UPDATES_RANK = 100;
const STATEMENTS_RANK = UPDATES_RANK + 1;
const LAST_RANK = STATEMENTS_RANK + 1;
const FINAL_RANK = LAST_RANK + 1;
const ADD_JOBS: Statement = {
  name: 'add_jobs',
  text: `select count(*) from graphile_worker.add_jobs(
    array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json)))`,
  rank: FINAL_RANK + 1,
};

/** Null if a column has a type without a binary form. */
function copyOf(metadata: EntityMetadata): Omit<Statement, 'name'> | null {
  const given = metadata.columns.filter(({ isGenerated }) => !isGenerated);
  const columns = binaryColumns(given);
  if (!columns) return null;
  const names = given.map(({ databaseName }) => `"${databaseName}"`);
  return {
    text: `copy "${metadata.tableName}" (${names.join(', ')}) from stdin (format binary)`,
    rank: foreignKeyDepth(metadata),
    columns,
  };
}

/** Rows are sent as JSON under the names of their properties. The database adds generated values. */
function insertOf(metadata: EntityMetadata): Omit<Statement, 'name'> {
  const given = metadata.columns.filter(({ isGenerated }) => !isGenerated);
  const columns = given.map(({ databaseName }) => `"${databaseName}"`);
  const properties = given.map(({ propertyName }) => propertyName);
  return {
    text: `insert into "${metadata.tableName}" (${columns.join(', ')})
      select ${properties.map((property) => `"${property}"`).join(', ')}
      from json_to_recordset($1::json) as rows (${definitions(metadata, properties)})`,
    rank: foreignKeyDepth(metadata),
  };
}

function updateOf(
  metadata: EntityMetadata,
  { criteria, changes, single }: RowUpdate,
): Omit<Statement, 'name'> {
  const column = (property: string) => `"${metadata.findColumnWithPropertyName(property)?.databaseName}"`;
  const assignments = Object.keys(changes).map((property) => `${column(property)} = rows."${property}"`);
  const conditions = Object.keys(criteria).map(
    (property) => `target.${column(property)} = rows."${CRITERION}${property}"`,
  );
  const update = `update "${metadata.tableName}" as target set ${assignments.join(', ')}
    from json_to_recordset($1::json) as rows (
      ${definitions(metadata, Object.keys(changes))}, ${definitions(metadata, Object.keys(criteria), CRITERION)})
    where ${conditions.join(' and ')}`;
  return {
    text: single
      ? `with updated as (${update} returning 1)
         select expect_rows((select count(*) from updated), json_array_length($1::json))`
      : update,
    rank: UPDATES_RANK,
  };
}

/** Criteria and changes may name the same column. */
const CRITERION = 'where ';

function shapeOf({ entity, criteria, changes, single }: RowUpdate): string {
  return [entity.name, single, ...Object.keys(criteria), 'to', ...Object.keys(changes)].join(' ');
}

function toUpdateRow({ criteria, changes }: RowUpdate): object {
  const conditions = Object.entries(criteria).map(([property, value]) => [CRITERION + property, value]);
  return { ...changes, ...Object.fromEntries(conditions) };
}

/** The names and types of the properties of the JSON objects, for PostgreSQL. */
function definitions(metadata: EntityMetadata, properties: readonly string[], prefix = ''): string {
  return properties
    .map((property) => {
      const column = metadata.findColumnWithPropertyName(property);
      if (!column) throw new Error(`${metadata.name} has no property ${property}`);
      return `"${prefix}${property}" ${typeOf(column)}`;
    })
    .join(', ');
}

function foreignKeyDepth(metadata: EntityMetadata): number {
  const parents = metadata.foreignKeys
    .map((key) => key.referencedEntityMetadata)
    .filter((parent) => parent !== metadata);
  return parents.length === 0 ? 0 : 1 + Math.max(...parents.map(foreignKeyDepth));
}

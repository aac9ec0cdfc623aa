import type { DataSource, EntityMetadata } from 'typeorm';
import { toJobSpecs } from './job-specs.js';
import type { RowUpdate, UnitOfWork } from './unit-of-work.js';

/** A constant SQL text, which PostgreSQL parses and plans once per connection, and its name there. */
interface Statement {
  name: string;
  text: string;
  /** Statements of a lower rank come first. */
  rank: number;
}

/** A statement with what its only parameter holds as JSON. */
interface Batch {
  statement: Statement;
  rows: object[];
}

/** Turns units of work into few statements, generated from the metadata of the entities. */
export class WriteStatements {
  private readonly known = new Map<unknown, Statement>();

  constructor(private readonly dataSource: DataSource) {}

  /** One insert per table, parents first; one update per table and set of columns, each other statement; all jobs at once. */
  of(units: readonly UnitOfWork[]): Batch[] {
    const batches = new Map<unknown, Batch>();
    for (const { rows, updates, statements } of units) {
      for (const { entity, row } of rows) {
        this.batchOf(batches, entity, () => insertOf(this.dataSource.getMetadata(entity))).push(row);
      }
      for (const update of updates) {
        const toStatement = () => updateOf(this.dataSource.getMetadata(update.entity), update);
        this.batchOf(batches, shapeOf(update), toStatement).push(toUpdateRow(update));
      }
      for (const { text, row } of statements) {
        this.batchOf(batches, text, () => ({ text, rank: STATEMENTS_RANK })).push(row);
      }
    }
    const jobs = toJobSpecs(units.flatMap((unit) => unit.jobs));
    if (jobs.length > 0) batches.set(ADD_JOBS, { statement: ADD_JOBS, rows: jobs });
    return [...batches.values()].toSorted((one, other) => one.statement.rank - other.statement.rank);
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
const ADD_JOBS: Statement = {
  name: 'add_jobs',
  text: `select count(*) from graphile_worker.add_jobs(
    array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json)))`,
  rank: STATEMENTS_RANK + 1,
};

/** Rows travel as the entities are, under the names of their properties; the database adds what it generates. */
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

/** Names and types of what the JSON objects hold, for PostgreSQL. */
function definitions(metadata: EntityMetadata, properties: readonly string[], prefix = ''): string {
  const { driver } = metadata.connection;
  return properties
    .map((property) => {
      const column = metadata.findColumnWithPropertyName(property);
      if (!column) throw new Error(`${metadata.name} has no property ${property}`);
      return `"${prefix}${property}" ${driver.normalizeType(column)}`;
    })
    .join(', ');
}

function foreignKeyDepth(metadata: EntityMetadata): number {
  const parents = metadata.foreignKeys
    .map((key) => key.referencedEntityMetadata)
    .filter((parent) => parent !== metadata);
  return parents.length === 0 ? 0 : 1 + Math.max(...parents.map(foreignKeyDepth));
}

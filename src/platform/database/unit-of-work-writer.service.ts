import { Injectable, type Type } from '@nestjs/common';
import type { PoolClient, QueryConfig } from 'pg';
import type { EntityManager, EntityMetadata } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { WriteConflict } from './database-fault.js';
import { pgClientOf, pipelined } from './pg-client.js';
import type { EnqueuedJob, UnitOfWork } from './unit-of-work.js';

/** Payloads of one task travel together, so that a batch of events costs few job rows. */
const PAYLOADS_PER_JOB = 20;

/** One constant SQL text per table, so that PostgreSQL parses and plans it once per connection. */
interface InsertPlan {
  name: string;
  text: string;
  table: string;
  columns: { property: string; column: string }[];
  /** Position in foreign-key order: parents first. */
  rank: number;
}

interface TableRows {
  plan: InsertPlan;
  rows: object[];
}

/** Writes units of work through the transaction of the given manager: all or nothing. */
@Injectable()
export class UnitOfWorkWriter {
  private readonly plans = new Map<Type, InsertPlan>();
  private readonly preparedStatements: boolean;

  constructor(config: AppConfig) {
    this.preparedStatements = config.database.preparedStatements;
  }

  /**
   * One insert per table in foreign-key order, one `add_jobs` for all jobs.
   * @throws WriteConflict when a row existed already; the transaction must then be rolled back
   */
  async write(manager: EntityManager, units: readonly UnitOfWork[]): Promise<void> {
    const client = await pgClientOf(manager);
    const jobs = toJobSpecs(units.flatMap((unit) => unit.jobs));
    await pipelined(client, () => {
      const writes = this.groupByTable(manager, units).map((table) => this.insert(client, table));
      if (jobs.length > 0) writes.push(this.addJobs(client, jobs));
      return writes;
    });
  }

  /** A conflict on a parent is told before the foreign-key violations it causes: it comes first. */
  private async insert(client: PoolClient, { plan, rows }: TableRows): Promise<void> {
    const { rowCount } = await client.query(this.toQuery(plan.name, plan.text, rows));
    if (rowCount !== rows.length) throw new WriteConflict(plan.table);
  }

  private async addJobs(client: PoolClient, jobs: readonly object[]): Promise<void> {
    await client.query(this.toQuery('add_jobs', ADD_JOBS, jobs));
  }

  private toQuery(name: string, text: string, rows: readonly object[]): QueryConfig {
    return { ...(this.preparedStatements ? { name } : {}), text, values: [JSON.stringify(rows)] };
  }

  private groupByTable(manager: EntityManager, units: readonly UnitOfWork[]): TableRows[] {
    const tables = new Map<InsertPlan, object[]>();
    for (const unit of units) {
      for (const { entity, row } of unit.rows) {
        const plan = this.planOf(manager, entity);
        const rows = tables.get(plan) ?? [];
        if (rows.length === 0) tables.set(plan, rows);
        rows.push(toRow(plan, row));
      }
    }
    return [...tables].map(([plan, rows]) => ({ plan, rows })).toSorted((a, b) => a.plan.rank - b.plan.rank);
  }

  private planOf(manager: EntityManager, entity: Type): InsertPlan {
    let plan = this.plans.get(entity);
    if (!plan) {
      plan = toInsertPlan(manager.connection.getMetadata(entity));
      this.plans.set(entity, plan);
    }
    return plan;
  }
}

const ADD_JOBS = `
  select count(*) from graphile_worker.add_jobs(
    array(select json_populate_recordset(null::graphile_worker.job_spec, $1::json)))`;

function toInsertPlan(metadata: EntityMetadata): InsertPlan {
  const columns = metadata.columns.map((column) => ({
    property: column.propertyName,
    column: column.databaseName,
  }));
  const names = columns.map(({ column }) => `"${column}"`).join(', ');
  return {
    name: `insert_${metadata.tableName}`,
    text: `insert into "${metadata.tableName}" (${names})
      select ${names} from json_populate_recordset(null::"${metadata.tableName}", $1::json)
      on conflict do nothing`,
    table: metadata.tableName,
    columns,
    rank: foreignKeyDepth(metadata),
  };
}

function foreignKeyDepth(metadata: EntityMetadata): number {
  const parents = metadata.foreignKeys
    .map((key) => key.referencedEntityMetadata)
    .filter((parent) => parent !== metadata);
  return parents.length === 0 ? 0 : 1 + Math.max(...parents.map(foreignKeyDepth));
}

function toRow(plan: InsertPlan, row: object): object {
  const values = row as Record<string, unknown>;
  const columns: Record<string, unknown> = {};
  for (const { property, column } of plan.columns) columns[column] = values[property];
  return columns;
}

/**
 * Merges the payloads of plain jobs; a job with a time or key of its own stays alone. Its payload is then
 * no array: the engine would append those of two jobs with the same key.
 */
function toJobSpecs(jobs: readonly EnqueuedJob[]): object[] {
  const specs: object[] = [];
  const open = new Map<string, unknown[]>();
  for (const { task, payload, runAt, key } of jobs) {
    if (runAt || key) {
      specs.push({ identifier: task, payload, run_at: runAt, job_key: key });
      continue;
    }
    const payloads = open.get(task);
    if (payloads && payloads.length < PAYLOADS_PER_JOB) {
      payloads.push(payload);
      continue;
    }
    const fresh = [payload];
    open.set(task, fresh);
    specs.push({ identifier: task, payload: fresh });
  }
  return specs;
}

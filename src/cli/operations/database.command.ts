import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Output } from '../output.js';
import { EXIT } from '../task.js';

const QUERY_LENGTH = 120;

const ACTIVE = `
  select pid, application_name as application, state, coalesce(wait_event_type, '-') as waits,
    round(extract(epoch from clock_timestamp() - xact_start))::int as seconds,
    array_to_string(pg_blocking_pids(pid), ',') as blockers, left(regexp_replace(query, '\\s+', ' ', 'g'), $1) as query
  from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
  order by xact_start limit 50`;

const CONNECTIONS = `
  select application_name as application, count(*)::int as count
  from pg_stat_activity where backend_type = 'client backend' group by 1 order by 2 desc`;

interface Active {
  pid: number;
  application: string;
  state: string;
  waits: string;
  seconds: number;
  blockers: string;
  query: string;
}

/** Prints the open transactions, what each waits for, and the number of connections of each process. */
export async function showDatabaseActivity(
  app: INestApplicationContext,
  _args: object,
  output: Output,
): Promise<number> {
  const { manager } = app.get(DataSource);
  const transactions: Active[] = await manager.query(ACTIVE, [QUERY_LENGTH]);
  for (const { pid, application, state, waits, seconds, blockers, query } of transactions) {
    const blocked = blockers ? `  blocked by ${blockers}` : '';
    output.line(`${pid}  ${application}  ${state}  ${seconds} s  waits: ${waits}${blocked}  ${query}`);
  }
  const connections: { application: string; count: number }[] = await manager.query(CONNECTIONS);
  for (const { application, count } of connections) {
    output.line(`${count} connections  ${application || '(no name)'}`);
  }
  output.document({ transactions, connections });
  return EXIT.done;
}

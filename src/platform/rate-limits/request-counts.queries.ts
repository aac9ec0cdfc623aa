import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';

/** The digest of a counted subject. */
export function subjectOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/**
 * Counts one more request within the current hour.
 * @returns the new count
 */
export async function countRequest(manager: EntityManager, subject: string): Promise<number> {
  const [row] = await manager.query<{ count: number }[]>(`${COUNT} returning count`, [
    JSON.stringify([{ subject }]),
  ]);
  return row?.count ?? 0;
}

/** Counts one more request for each subject within the current hour, in a unit of work. */
export function countWithin(unit: UnitOfWork, subjects: readonly string[]): void {
  for (const subject of subjects) unit.execute(COUNT, { subject });
}

/** Adds to the count of a subject within the current hour. */
export async function countMore(manager: EntityManager, subject: string, count: number): Promise<void> {
  await manager.query(COUNT_MORE, [subject, count]);
}

/** The counts of each of the last 24 hours, the current one among them. */
export async function recentCounts(
  manager: EntityManager,
  subjects: readonly string[],
): Promise<{ subject: string; hour: Date; count: number }[]> {
  return subjects.length === 0 ? [] : manager.query(RECENT, [subjects]);
}

/** Locks rows in one order, so that two transactions with the same subjects do not deadlock. */
const COUNT = `
  insert into request_counts (subject, hour, count)
  select subject, date_trunc('hour', now(), 'UTC'), count(*)
  from json_to_recordset($1::json) as counted (subject text) group by subject order by subject
  on conflict (subject, hour) do update set count = request_counts.count + excluded.count`;

const COUNT_MORE = `
  insert into request_counts (subject, hour, count) values ($1, date_trunc('hour', now(), 'UTC'), $2)
  on conflict (subject, hour) do update set count = request_counts.count + excluded.count`;

const RECENT = `
  select subject, hour, count from request_counts
  where subject = any($1) and hour > now() - interval '24 hours'`;

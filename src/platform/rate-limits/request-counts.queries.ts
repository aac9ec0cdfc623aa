import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** What stands for something counted in the table. */
export function subjectOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Counts one more of each within the current hour. In order, so that two who count the same do not deadlock. */
export async function countRequests(manager: EntityManager, subjects: readonly string[]): Promise<number[]> {
  if (subjects.length === 0) return [];
  const rows = await manager.query<{ count: number }[]>(COUNT, [subjects.toSorted()]);
  return rows.map(({ count }) => count);
}

/** The counts of each of the last 24 hours, the current one among them. */
export async function recentCounts(
  manager: EntityManager,
  subjects: readonly string[],
): Promise<{ subject: string; hour: Date; count: number }[]> {
  return subjects.length === 0 ? [] : manager.query(RECENT, [subjects]);
}

const COUNT = `
  insert into request_counts (subject, hour, count)
  select subject, date_trunc('hour', now(), 'UTC'), 1 from unnest($1::text[]) as subject
  on conflict (subject, hour) do update set count = request_counts.count + 1
  returning count`;

const RECENT = `
  select subject, hour, count from request_counts
  where subject = any($1) and hour > now() - interval '24 hours'`;

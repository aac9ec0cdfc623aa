import type { Type } from '@nestjs/common';
import type { JobTask } from '../../../events/job-tasks.js';
import { UnitOfWork } from '../../../platform/unit-of-work/unit-of-work.js';

/**
 * Tables of which a customer may have some rows and lack others. Their listener adds only the missing ones.
 */
const FILTERED_BY_LISTENER: ReadonlySet<string> = new Set(['notifications']);

/** Jobs that write a row when they end: its table, and the condition for the row of the customer $1. */
export const RECORDED_IN: Partial<Record<JobTask, { table: string; where: string }>> = {
  'track-customer-created': {
    table: 'analytics_events',
    where: `name = 'customer_created' and customer_id = $1`,
  },
};

/**
 * The missing part of a customer: its set-up without the tables that have rows of it already, and without
 * finished jobs. Updates are left out, because they change existing rows.
 * @param setUp the rows and jobs of a new customer
 * @param holding the tables that have rows of this customer
 */
export function onlyMissing(
  setUp: UnitOfWork,
  holding: ReadonlySet<string>,
  tableOf: (entity: Type) => string,
): UnitOfWork {
  const missing = new UnitOfWork();
  for (const { entity, row } of setUp.rows) {
    const table = tableOf(entity);
    if (FILTERED_BY_LISTENER.has(table) || !holding.has(table)) missing.insert(entity, row);
  }
  for (const job of setUp.jobs) {
    const table = RECORDED_IN[job.task]?.table;
    if (table === undefined || !holding.has(table)) missing.jobs.push(job);
  }
  return missing;
}

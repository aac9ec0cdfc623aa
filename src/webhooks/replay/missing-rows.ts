import type { Type } from '@nestjs/common';
import type { JobTask } from '../../events/job-tasks.js';
import { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/** Their listener adds only what the user never had; a customer may have some and lack others. */
const FILTERED_BY_LISTENER: ReadonlySet<string> = new Set(['notifications']);

/** Jobs that leave a row behind once they are done, by the table of that row. */
const RECORDED_IN: Partial<Record<JobTask, string>> = { 'track-customer-created': 'analytics_events' };

/**
 * What is missing of a customer: its set-up without the rows of tables that hold something of it already,
 * and without jobs that are done. Updates are left out: they change what is there.
 * @param setUp what listeners add for a new customer
 * @param holding the tables that hold something of this one
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
    const table = RECORDED_IN[job.task];
    if (table === undefined || !holding.has(table)) missing.jobs.push(job);
  }
  return missing;
}

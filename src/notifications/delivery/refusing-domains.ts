import type { EntityManager } from 'typeorm';
import { mailDomainOf } from '../../platform/mail-address.js';
import { countWithin, recentCounts, subjectOf } from '../../platform/rate-limits/request-counts.queries.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';

/**
 * Identifies a domain whose recipients' mail was refused within a day because of us, with none accepted
 * since. The refusals are counted like requests: by the hour, under a digest. Old counts are deleted.
 */
export function refusingSubjectOf(email: string): string {
  return subjectOf(`mail refused because of us for ${mailDomainOf(email)}`);
}

/** Whether the address is at such a domain. */
export async function isRefusing(manager: EntityManager, email: string): Promise<boolean> {
  return (await recentCounts(manager, [refusingSubjectOf(email)])).length > 0;
}

/** Records that mail to the address was refused because of us. */
export function markRefusing(unit: UnitOfWork, email: string): void {
  countWithin(unit, [refusingSubjectOf(email)]);
}

/** Records that mail to the address was accepted. */
export function markAccepting(unit: UnitOfWork, email: string): void {
  unit.execute(DELETE_REFUSALS, { subject: refusingSubjectOf(email) });
}

const DELETE_REFUSALS = `
  delete from request_counts
  where subject in (select subject from json_to_recordset($1::json) as accepting (subject text))`;

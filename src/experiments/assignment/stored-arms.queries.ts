import type { StoredArms } from '../../events/assigned-arm.js';

/** The arms of a user as stored. */
export interface UnitRow {
  userId: string;
  customerId: string | null;
  phaseIds: number[];
  arms: number[];
  assignedAt: Date[];
}

/** @param userIds SQL of the ids of users */
export function selectUnits(userIds: string): string {
  return `
    select user_id as "userId", customer_id as "customerId", phase_ids as "phaseIds", arms, assigned_at as "assignedAt"
    from experiment_units where user_id in (${userIds})`;
}

export function toStoredArms({ customerId, phaseIds, arms, assignedAt }: UnitRow): StoredArms {
  return { customerId, phaseIds, arms, assignedAt: assignedAt.map((time) => time.toISOString()) };
}

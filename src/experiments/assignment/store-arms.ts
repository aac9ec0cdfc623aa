import type { AssignedArm, Assignment } from '../../events/assigned-arm.js';
import type { UnitOfWork } from '../../platform/unit-of-work/unit-of-work.js';
import type { CustomerStrata } from './customer-strata.js';
import { ExperimentUnit, type UserAge } from './experiment-unit.entity.js';
import { nameCustomer } from './unit-customers.queries.js';

/** Who gets arms, and what is known of them. */
export interface ArmedUser {
  user: { id: string; createdAt: string };
  /** Null while the user is no customer. */
  customerId: string | null;
  strata: CustomerStrata;
}

/**
 * Adds the new arms to the row of the user. If another transaction was faster, this one fails with a conflict. The row
 * keeps the customer that it has: a link may have named one since the row was read.
 * @returns the new arms
 */
export function storeArms(
  { user, customerId, strata }: ArmedUser,
  { arms, stored }: Assignment,
  unit: UnitOfWork,
): AssignedArm[] {
  const added = arms.filter(({ isNew }) => isNew);
  const isFirstCustomer = stored !== null && stored.customerId === null;
  if (isFirstCustomer && customerId !== null) nameCustomer({ userId: user.id, customerId }, unit);
  if (added.length === 0) return added;
  const row = {
    phaseIds: [...(stored?.phaseIds ?? []), ...added.map(({ phaseId }) => phaseId)],
    arms: [...(stored?.arms ?? []), ...added.map(({ armIndex }) => armIndex)],
    assignedAt: [...(stored?.assignedAt ?? []), ...added.map(({ assignedAt }) => assignedAt)].map(
      (time) => new Date(time),
    ),
  };
  if (stored === null) {
    const userAge = userAgeOf(user.createdAt);
    unit.insert(ExperimentUnit, { userId: user.id, customerId, personId: null, ...row, ...strata, userAge });
  } else {
    unit.updateOne(ExperimentUnit, { userId: user.id, phaseIds: [...stored.phaseIds] }, row);
  }
  return added;
}

function userAgeOf(createdAt: string): UserAge {
  const days = (Date.now() - Date.parse(createdAt)) / DAY_MS;
  if (days < 1) return 'day';
  if (days < 7) return 'week';
  return days < 30 ? 'month' : 'older';
}

const DAY_MS = 86_400_000;

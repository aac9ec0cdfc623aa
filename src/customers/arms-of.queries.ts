import type { EntityManager } from 'typeorm';
import type { AssignedArm } from '../events/assigned-arm.js';

/** The arms of a user in experiments, in the order of their assignment. */
export function findArms(manager: EntityManager, userId: string | null): Promise<AssignedArm[]> {
  return manager.query<AssignedArm[]>(ARMS, [userId]);
}

const ARMS = `
  select name as experiment, phase_id as "phaseId", arm.value ->> 'key' as arm, held.arm as "armIndex",
    case when status <> 'decided' then arm.value -> 'treatment' end as treatment,
    held.assigned_at as "assignedAt", false as "isNew"
  from experiment_units units
  cross join unnest(units.phase_ids, units.arms, units.assigned_at) as held (phase_id, arm, assigned_at)
  join experiment_phases phases on phases.id = held.phase_id
  join experiments on experiments.id = phases.experiment_id
  cross join lateral (select phases.arms -> held.arm as value) as arm
  where user_id = $1
  order by held.assigned_at, phase_id`;

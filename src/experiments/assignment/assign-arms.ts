import type { AssignedArm, Assignment, StoredArms } from '../../events/assigned-arm.js';
import type { StartedExperiments, StartedPhase } from '../definitions/started-experiments.js';
import { chooseArm } from './choose-arm.js';

/** A unit that may get arms. */
export interface Candidate {
  userId: string;
  stored: StoredArms | null;
  isMember(segment: string): boolean;
}

/**
 * The stored arms of a unit, and a new one in each running experiment in which it has none and takes part.
 * @param assignedAt ISO 8601
 */
export function assignArms(
  { userId, stored, isMember }: Candidate,
  { phases, open }: StartedExperiments,
  assignedAt: string,
): Assignment {
  const held = heldArms(stored, phases);
  // Another process knows newer experiments: what is new for this one may not be new.
  if (stored !== null && held.length < stored.phaseIds.length) return { arms: held, stored };
  const taken = new Set(held.map(({ experiment }) => experiment));
  const added = open.flatMap((phase) => {
    const { name, segment } = phase.experiment;
    const armIndex = taken.has(name) ? null : chooseArm(phase, userId);
    if (armIndex === null || (segment !== null && !isMember(segment))) return [];
    return armOf(phase, armIndex, assignedAt, true);
  });
  return { arms: [...held, ...added], stored };
}

/** The arms that a unit has. Those of experiments that this process does not know yet are left out. */
export function heldArms(
  stored: StoredArms | null,
  phases: ReadonlyMap<number, StartedPhase>,
): AssignedArm[] {
  if (stored === null) return [];
  return stored.phaseIds.flatMap((phaseId, index) => {
    const phase = phases.get(phaseId);
    return phase ? armOf(phase, stored.arms[index] ?? 0, stored.assignedAt[index] ?? '', false) : [];
  });
}

/** None if the phase has no such arm. */
function armOf(
  { id, arms, experiment }: StartedPhase,
  armIndex: number,
  assignedAt: string,
  isNew: boolean,
): AssignedArm[] {
  const arm = arms[armIndex];
  if (!arm) return [];
  const { name, status } = experiment;
  const treatment = status === 'decided' ? null : arm.treatment;
  return [{ experiment: name, phaseId: id, arm: arm.key, armIndex, treatment, assignedAt, isNew }];
}

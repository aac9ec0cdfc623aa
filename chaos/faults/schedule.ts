import type { Random } from '../random.js';
import { FAULT_POINTS, type FaultPoint, type Role } from './fault-point.js';

/** A kill at a named point, or at any moment. */
export interface PlannedKill {
  point: FaultPoint | null;
  /**
   * How much the process has done since its start before it is killed: requests served or jobs run, at least
   * one.
   */
  afterServed: number;
}

const ROLES: readonly Role[] = ['api', 'worker'];
/** One of this many kills is at a random moment instead of a named point. */
const UNPLANNED_EVERY = 5;
/** A process is killed after it has served between one and this many. */
const SERVED_MAX = 10;

/**
 * Kills for each process of each role, alternating between the roles. The named points take turns, in an
 * order that the seed decides, so that all are hit equally often.
 */
export function scheduleKills(
  random: Random,
  kills: number,
  processes: number,
): Record<Role, PlannedKill[][]> {
  const schedule = {
    api: Array.from({ length: processes }, (): PlannedKill[] => []),
    worker: Array.from({ length: processes }, (): PlannedKill[] => []),
  };
  const rounds = {
    api: roundRobin(random, FAULT_POINTS.api),
    worker: roundRobin(random, FAULT_POINTS.worker),
  };
  for (let kill = 0; kill < kills; kill += 1) {
    const role = ROLES[kill % ROLES.length] as Role;
    const slot = Math.floor(kill / ROLES.length) % processes;
    const isUnplanned = kill % UNPLANNED_EVERY === UNPLANNED_EVERY - 1;
    const point = isUnplanned ? null : (rounds[role].next().value as FaultPoint);
    schedule[role][slot]?.push({ point, afterServed: 1 + random.below(SERVED_MAX) });
  }
  return schedule;
}

function* roundRobin<T>(random: Random, values: readonly T[]): Generator<T, never> {
  for (;;) yield* random.shuffled(values);
}

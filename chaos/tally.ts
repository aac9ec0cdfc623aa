import { nameOf } from './faults/fault-point.js';
import type { PlannedKill } from './faults/schedule.js';
import type { Role } from './faults/fault-point.js';

/** Counts and measurements of a campaign so far. */
export class Tally {
  readonly kills: Record<Role, number> = { api: 0, worker: 0 };
  /** Number of kills by point; `at random` for kills at no named point. */
  readonly killsByPoint = new Map<string, number>();
  /** Points that the process did not reach in time. It was killed where it was. */
  readonly missedPoints: string[] = [];
  readonly databaseRestarts = { fast: 0, immediate: 0 };
  /**
   * Milliseconds from the moment when the database and an API process were ready to the first 2xx of a
   * request sent later.
   */
  readonly acceptedAfterMs: number[] = [];
  /** Number of ended sessions by their use. */
  readonly terminations = new Map<string, number>();
  cleanRestarts = 0;
  /** During the clean restarts: extra copies, and answers other than 2xx. */
  cleanExtraCopies = 0;
  readonly cleanRefusals = new Map<number, number>();

  recordKill(role: Role, { point }: PlannedKill, isAtPoint: boolean): void {
    this.kills[role] += 1;
    const name = point && isAtPoint ? `${role}: ${nameOf(point)}` : `${role}: at random`;
    this.killsByPoint.set(name, (this.killsByPoint.get(name) ?? 0) + 1);
    if (point && !isAtPoint) this.missedPoints.push(`${role}: ${nameOf(point)}`);
  }

  recordTermination(purpose: string): void {
    this.terminations.set(purpose, (this.terminations.get(purpose) ?? 0) + 1);
  }

  get allKills(): number {
    return this.kills.api + this.kills.worker;
  }

  get allTerminations(): number {
    return [...this.terminations.values()].reduce((sum, count) => sum + count, 0);
  }
}

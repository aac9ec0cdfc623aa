import { describe, expect, it } from 'vitest';
import { FAULT_POINTS, nameOf } from '../../chaos/faults/fault-point.js';
import { scheduleKills } from '../../chaos/faults/schedule.js';
import { Random } from '../../chaos/random.js';

const PROCESSES = 2;
const schedule = (seed: number, kills: number) => scheduleKills(new Random(seed), kills, PROCESSES);

describe("the campaign's schedule of kills", () => {
  it('is the same for the same seed, and different for another one', () => {
    expect(schedule(7, 50)).toEqual(schedule(7, 50));
    expect(schedule(7, 50)).not.toEqual(schedule(8, 50));
  });

  it('gives half of the kills to each role, shared among its processes', () => {
    const { api, worker } = schedule(1, 40);
    expect([...api, ...worker].map((kills) => kills.length)).toEqual([10, 10, 10, 10]);
  });

  it('kills no process before it has served something', () => {
    const all = Object.values(schedule(1, 200)).flat(2);
    expect(Math.min(...all.map(({ afterServed }) => afterServed))).toBe(1);
  });

  it.each(['api', 'worker'] as const)('uses every named point of the %s before it repeats one', (role) => {
    const points = FAULT_POINTS[role];
    const kills = schedule(3, 200)[role];
    const inOrder = Array.from({ length: 100 }, (_, index) => kills[index % PROCESSES]?.[index >> 1]?.point);
    const named = inOrder.flatMap((point) => (point ? nameOf(point) : []));
    expect(new Set(named.slice(0, points.length)).size).toBe(points.length);
  });
});

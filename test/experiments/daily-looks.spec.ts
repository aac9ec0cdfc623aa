import { expect, it } from 'vitest';
import { Random } from '../../chaos/random.js';
import { simulate, type Simulation } from '../support/experiments/simulated-experiment.js';
import { watch } from '../support/experiments/watched-experiment.js';

const EXPERIMENTS = 200;
const PROPORTION: Simulation = {
  metric: 'proportion',
  days: 30,
  unitsPerArmAndDay: 100,
  rates: [0.1, 0.2, 0.3],
  lift: 0,
};

it.each([
  ['conversions', PROPORTION],
  ['amounts', { ...PROPORTION, metric: 'mean' as const }],
])('looking daily at A/A experiments on %s finds a lift in at most 5 %% of them', (_, simulation) => {
  const random = new Random(3);
  let sequential = 0;
  let fixed = 0;
  for (let experiment = 0; experiment < EXPERIMENTS; experiment += 1) {
    const days = simulate(random, simulation);
    sequential += Number(watch(days, simulation, 'sequential').significantOn !== null);
    fixed += Number(watch(days, simulation, 'fixed').significantOn !== null);
  }
  expect(sequential / EXPERIMENTS).toBeLessThanOrEqual(0.05);
  expect(fixed / EXPERIMENTS).toBeGreaterThan(0.1);
});

it('the interval of a lift contains it on all days together, in at least 95 % of experiments', () => {
  const random = new Random(4);
  const simulation = { ...PROPORTION, unitsPerArmAndDay: 300, lift: 0.1 };
  const watched = Array.from({ length: EXPERIMENTS }, () =>
    watch(simulate(random, simulation), simulation, 'sequential'),
  );
  const shareOf = (isTrue: (seen: (typeof watched)[number]) => boolean) =>
    watched.filter(isTrue).length / EXPERIMENTS;
  expect(shareOf(({ isCoveredAlways }) => isCoveredAlways)).toBeGreaterThanOrEqual(0.95);
  expect(shareOf(({ significantOn }) => significantOn !== null)).toBeGreaterThan(0.5);
});

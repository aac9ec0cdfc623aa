import { Target } from '../targets.js';
import { compare, throughputRatio } from './compare.js';
import type { Suite } from './suite.js';

/** Compares new customers only with a mix of 60 % new customers, 30 % updates and 10 % repeated events. */
export const measureMixed: Suite = async (workplace, options) => {
  const targets = [
    await Target.start(workplace, 'service', { name: 'created', title: 'created only' }),
    await Target.start(workplace, 'service', { name: 'mixed', title: 'mixed', traffic: 'mixed' }),
  ];
  await compare(workplace, options, {
    section: 'mixed',
    title: 'Mixed traffic: 60 % created, 30 % updated, 10 % duplicates',
    targets,
    toGoals: ([created, mixed]) =>
      options.plan.concurrencies.map((concurrency) => ({
        name: `events/s at ${concurrency}, mixed against created`,
        measured: throughputRatio(mixed, created, concurrency),
        unit: '×',
        relation: '≥',
        bound: 0.8,
      })),
  });
};

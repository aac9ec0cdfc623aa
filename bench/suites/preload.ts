import { storeCustomers } from '../stored-customers.js';
import { Target } from '../targets.js';
import { compare, throughputRatio } from './compare.js';
import type { Suite } from './suite.js';

const CUSTOMERS = 1_000_000;

/** Compares the service on an empty database and on one with many customers. */
export const measurePreloaded: Suite = async (workplace, options) => {
  const { customers = CUSTOMERS } = options;
  const targets = [
    await Target.start(workplace, 'service', { name: 'empty', title: 'empty' }),
    await Target.start(workplace, 'service', {
      name: 'preloaded',
      title: `${customers} customers`,
      preload: { customers, fill: storeCustomers },
    }),
  ];
  await compare(workplace, options, {
    section: 'preload',
    title: `With ${customers} stored customers`,
    targets,
    toGoals: ([empty, preloaded]) =>
      options.plan.concurrencies.map((concurrency) => ({
        name: `events/s at ${concurrency}, preloaded against empty`,
        measured: throughputRatio(preloaded, empty, concurrency),
        unit: '×',
        relation: '≥',
        bound: 0.9,
      })),
  });
};

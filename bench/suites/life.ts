import { Target } from '../targets.js';
import { compare, throughputRatio } from './compare.js';
import type { Suite } from './suite.js';

/** Compares new customers only with a mix of 40 % new customers, 40 % changes of subscriptions and 20 % payments. */
export const measureLife: Suite = async (workplace, options) => {
  const targets = [
    await Target.start(workplace, 'service', { name: 'created', title: 'created only' }),
    await Target.start(workplace, 'service', {
      name: 'life',
      title: 'life',
      traffic: 'life',
      nodeFlags: options.nodeFlags,
    }),
  ];
  await compare(workplace, options, {
    section: 'life',
    title: 'The life of customers: 40 % created, 40 % changes of subscriptions, 20 % payments',
    targets,
    toGoals: ([created, life]) =>
      options.plan.concurrencies.map((concurrency) => ({
        name: `events/s at ${concurrency}, life against created`,
        measured: throughputRatio(life, created, concurrency),
        unit: '×',
        relation: '≥',
        bound: 0.8,
      })),
  });
};

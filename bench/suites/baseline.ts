import { resolve } from 'node:path';
import { Target } from '../targets.js';
import { compare, ratioOf, throughputRatio } from './compare.js';
import type { Suite } from './suite.js';

/** Compares the service with the built checkout in another folder, for example of the commit before a change. */
export const measureAgainstBaseline: Suite = async (workplace, options) => {
  if (!options.baseline) throw new Error('--baseline takes the folder of a built checkout');
  const folder = resolve(options.baseline);
  const targets = [
    await Target.start(workplace, 'service', { name: 'baseline', title: 'before', folder }),
    await Target.start(workplace, 'service', { name: 'service', title: 'now' }),
  ];
  await compare(workplace, options, {
    section: 'baseline',
    title: 'New customers, before and now',
    targets,
    toGoals: ([before, now]) =>
      options.plan.concurrencies.flatMap((concurrency) => [
        {
          name: `events/s at ${concurrency}, now against before`,
          measured: throughputRatio(now, before, concurrency),
          unit: '×',
          relation: '≥',
          bound: 0.98,
        },
        {
          name: `service CPU per event at ${concurrency}, now against before`,
          measured: ratioOf('serverCpuMs', now, before, concurrency),
          unit: '×',
          relation: '≤',
          bound: 1.02,
        },
      ]),
  });
};

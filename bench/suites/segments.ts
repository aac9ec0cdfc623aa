import { storeExperiments } from '../../test/support/database/stored-experiments.js';
import { storeSegments } from '../../test/support/database/stored-segments.js';
import type { BenchDatabase } from '../bench-database.js';
import type { RunSql } from '../../test/support/database/invariants.js';
import { Target } from '../targets.js';
import { compare, throughputRatio } from './compare.js';
import type { Suite } from './suite.js';

const SEGMENTS = 50;

/**
 * Compares new customers without any segment with 50 segments, with 50 of which ten are about behaviour, and with 50
 * segments and three experiments.
 */
export const measureSegments: Suite = async (workplace, options) => {
  const targets = [
    await Target.start(workplace, 'service', { name: 'none', title: 'no segment' }),
    await Target.start(workplace, 'service', {
      name: 'segments',
      title: '50 segments',
      nodeFlags: options.nodeFlags,
      preload: { customers: 0, fill: (database) => define(database, 0) },
    }),
    await Target.start(workplace, 'service', {
      name: 'behavioural',
      title: '50 segments, 10 about behaviour',
      preload: { customers: 0, fill: (database) => define(database, 10) },
    }),
    await Target.start(workplace, 'service', {
      name: 'experiments',
      title: '50 segments, 3 experiments',
      preload: {
        customers: 0,
        fill: async (database) => {
          await define(database, 0);
          await storeExperiments(sqlOf(database), EXPERIMENTS);
        },
      },
    }),
  ];
  await compare(workplace, options, {
    section: 'segments',
    title: 'New customers with and without segments',
    targets,
    toGoals: ([none, segments, , experiments]) =>
      options.plan.concurrencies.flatMap((concurrency) => [
        {
          name: `events/s at ${concurrency}, 50 segments against none`,
          measured: throughputRatio(segments, none, concurrency),
          unit: '×',
          relation: '≥',
          bound: 0.93,
        },
        {
          name: `events/s at ${concurrency}, 50 segments and 3 experiments against none`,
          measured: throughputRatio(experiments, none, concurrency),
          unit: '×',
          relation: '≥',
          bound: 0.92,
        },
      ]),
  });
};

/** The second one is limited to a segment with several conditions; the third one treats a message. */
const EXPERIMENTS = Object.fromEntries(
  [null, 'segment_1', null].map((segment, index) => {
    const messages = index === 2 ? [{ kind: 'welcome', templateVersion: 1 }] : [];
    const arms = ['a', 'b'].map((key) => ({ key, weight: 0.5, treatment: { messages, parameters: {} } }));
    return [`experiment_${index}`, { coverage: 1, segment, arms }];
  }),
);

/** Rules of each kind; a new customer enters about a third of them. */
function ruleOf(index: number, behavioural: number): object {
  if (index < behavioural)
    return { type: 'behaviour', event: `event_${index}`, atLeast: 3, withinLast: { days: 7 } };
  const kinds = [
    { type: 'metadata', key: 'plan', equals: `plan_${index}` },
    {
      all: [
        { type: 'stage', in: ['onboarding'] },
        { type: 'field', field: 'livemode', equals: false },
      ],
    },
    { type: 'in_stage_for', atLeast: { days: index + 1 } },
    {
      any: [
        { type: 'field', field: 'country', in: ['US', 'ES'] },
        { type: 'mrr', currency: 'usd', greaterThan: 0 },
      ],
    },
    { not: { type: 'milestone', milestone: 'first_payment', reached: true } },
    { type: 'bucket', unit: 'user', seed: `seed_${index}`, from: 0, to: 0.2 },
  ];
  return kinds[index % kinds.length] as object;
}

function define(database: BenchDatabase, behavioural: number): Promise<void> {
  const rules = Array.from({ length: SEGMENTS }, (_, index) => [
    `segment_${index}`,
    ruleOf(index, behavioural),
  ]);
  return storeSegments(sqlOf(database), Object.fromEntries(rules));
}

function sqlOf(database: BenchDatabase): RunSql {
  return async (text, values) => (await database.query(text, values)).rows;
}

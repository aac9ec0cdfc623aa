import { Target } from '../../targets.js';
import { compare, throughputRatio } from '../compare.js';
import type { Suite } from '../suite.js';
import { connect, CRM_ENV, startCrm } from './crm.js';

/** Compares new customers without and with two connectors. The rows of the outbox are written; other processes read them. */
export const measureConnectedIntake: Suite = async (workplace, options) => {
  const targets = [
    await Target.start(workplace, 'service', { name: 'alone', title: 'no connector' }),
    await Target.start(workplace, 'service', {
      name: 'connected',
      title: 'two connectors',
      env: CRM_ENV,
      nodeFlags: options.nodeFlags,
    }),
  ];
  const crm = await startCrm(workplace, 'answers');
  for (const name of ['crm', 'marketing']) await connect(targets[1]?.server.url ?? '', name, crm);
  await compare(workplace, options, {
    section: 'connected-intake',
    title: 'New customers with and without connectors',
    targets,
    toGoals: ([alone, connected]) =>
      options.plan.concurrencies.map((concurrency) => ({
        name: `events/s at ${concurrency}, two connectors against none`,
        measured: throughputRatio(connected, alone, concurrency),
        unit: '×',
        relation: '≥',
        bound: 0.92,
      })),
  });
};

import type { TargetFigures } from '../measure.js';
import type { Goal } from '../report.js';
import { Target, TARGET_KINDS, type TargetName } from '../targets.js';
import { compare, ratioOf, throughputRatio } from './compare.js';
import type { Suite } from './suite.js';

/** A run of two minutes: CPU time per event of the service and of its nearest peer. */
export const measureCpu: Suite = (workplace, options) =>
  measurePeers(workplace, {
    ...options,
    plan: { ...options.plan, rounds: 3, singleSeconds: 2, manySeconds: 3 },
    only: options.only.length > 0 ? options.only : ['service', 'sync-engine'],
    isRecorded: false,
  });

/** Compares the service with other software that takes the same events. */
export const measurePeers: Suite = async (workplace, options) => {
  const { only, nodeFlags } = options;
  const all = Object.keys(TARGET_KINDS) as TargetName[];
  const names = all.filter((name) => only.length === 0 || only.includes(name));
  if (names.length === 0) throw new Error(`--only takes ${all.join(', ')}`);
  const targets: Target[] = [];
  for (const name of names) {
    console.log(`Starting ${name}`);
    targets.push(await Target.start(workplace, name, name === 'service' ? { nodeFlags } : {}));
  }
  await compare(workplace, options, { section: 'peers', title: 'Beside its peers', targets, toGoals });
};

/** Goals for the targets that were measured. */
function toGoals(all: readonly TargetFigures[]): Goal[] {
  const find = (name: TargetName) => all.find((target) => target.name === name);
  const [service, peer, plain] = [find('service'), find('sync-engine'), find('plain')];
  const times = (name: string, measured: number, relation: Goal['relation'], bound: number): Goal => ({
    name,
    measured,
    unit: '×',
    relation,
    bound,
  });
  const goals: Goal[] = [
    times('events/s at 64 against (c)', throughputRatio(service, peer, 64), '≥', 1.1),
    times('events/s at 256 against (c)', throughputRatio(service, peer, 256), '≥', 1.5),
    times('events/s at 64 against (b)', throughputRatio(service, plain, 64), '≥', 10),
    times('p50 at 1 against (c)', ratioOf('p50Ms', service, peer, 1), '≤', 3),
    {
      name: 'peak RSS of the service',
      measured: service?.peakRssMb ?? Number.NaN,
      unit: 'MB',
      relation: '≤',
      bound: 300,
    },
  ];
  return goals.filter(({ measured }) => !Number.isNaN(measured));
}

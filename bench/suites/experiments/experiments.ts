import { Random } from '../../../chaos/random.js';
import { simulate, type Simulation } from '../../../test/support/experiments/simulated-experiment.js';
import { watch, type Watched } from '../../../test/support/experiments/watched-experiment.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../../report.js';
import { runJob } from '../../run-job.js';
import { median } from '../../statistics.js';
import { AUTHORIZATION, Target } from '../../targets.js';
import { timed } from '../../timed.js';
import type { Workplace } from '../../workplace.js';
import type { Suite } from '../suite.js';
import { GOALS, GUARDRAILS, storeExperiment } from './stored-experiment.js';

const AA_EXPERIMENTS = 2000;
const AB_EXPERIMENTS = 200;
const DAYS = 30;
const UNITS = 1_000_000;
const ASKED = 5;
/** Four strata of very different customers. */
const RATES = [0.05, 0.1, 0.2, 0.05];

const AA: readonly [title: string, simulation: Simulation][] = [
  ['conversions', aa('proportion', 200, RATES)],
  ['amounts', aa('mean', 200, RATES)],
  ['rare conversions, 0.5 %', aa('proportion', 400, [0.005])],
];
const AB: Simulation = {
  metric: 'proportion',
  days: DAYS,
  unitsPerArmAndDay: 500,
  rates: [0.1, 0.2, 0.3],
  lift: 0.1,
};

function aa(metric: Simulation['metric'], unitsPerArmAndDay: number, rates: readonly number[]): Simulation {
  return { metric, days: DAYS, unitsPerArmAndDay, rates, lift: 0 };
}

/**
 * Looks daily at simulated experiments whose true lift is known: how often the intervals are wrong. Then it measures how
 * long the results of a large experiment take.
 */
export const measureExperiments: Suite = async (workplace, { customers = UNITS, isRecorded }) => {
  const goals: Goal[] = [];
  const rows: [title: string, sequential: string, fixed: string][] = [];
  for (const [title, simulation] of AA) {
    const watched = watchBoth(AA_EXPERIMENTS, simulation);
    const [sequential, fixed] = [watched.sequential, watched.fixed].map((seen) =>
      shareOf(seen, isSignificant),
    );
    rows.push([`A/A, ${title}: false positives`, percent(sequential), percent(fixed)]);
    goals.push({
      name: `false positives, ${title}`,
      measured: 100 * (sequential ?? NaN),
      unit: '%',
      relation: '≤',
      bound: 5,
    });
  }
  const { sequential, fixed } = watchBoth(AB_EXPERIMENTS, AB);
  for (const [title, is] of [
    ['intervals of all looks contain the true lift', (seen: Watched) => seen.isCoveredAlways],
    ['the last interval contains the true lift', (seen: Watched) => seen.isCoveredAtEnd],
  ] as const) {
    rows.push([`A/B, +10 %: ${title}`, percent(shareOf(sequential, is)), percent(shareOf(fixed, is))]);
    goals.push({ name: title, measured: 100 * shareOf(sequential, is), unit: '%', relation: '≥', bound: 95 });
  }
  rows.push([
    'A/B, +10 %: found',
    percent(shareOf(sequential, isSignificant)),
    percent(shareOf(fixed, isSignificant)),
  ]);
  rows.push(['A/B, +10 %: median day of the finding', dayOf(sequential), dayOf(fixed)]);
  const { countedMs, answeredMs } = await timeResults(workplace, customers);
  const units = `${customers} units, ${GOALS.length} goals and ${GUARDRAILS.length} guardrails`;
  goals.push({ name: `results over ${units}`, measured: answeredMs, unit: 'ms', relation: '≤', bound: 2000 });
  const markdown = [
    table(['30 daily looks', 'sequential', "Welch's test"], rows),
    `The hourly job counted ${units} in ${(countedMs / 1000).toFixed(1)} s.`,
    goalTable(goals),
  ].join('\n\n');
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  const title = `${AA_EXPERIMENTS} A/A and ${AB_EXPERIMENTS} A/B experiments, simulated`;
  writeSection('experiments', `## ${title}\n\n${machine}\n\n${markdown}`);
};

/** How long counting takes, and the median of some answers. */
async function timeResults(workplace: Workplace, customers: number) {
  const target = await Target.start(workplace, 'service', {
    name: 'experiments',
    env: { PROCESS_ROLES: 'api,worker' },
    preload: { customers, fill: storeExperiment },
  });
  const counted = await timed(() => runJob(target.database, 'count-experiments'));
  const { rows } = await target.database.query('select 1 from experiment_counts');
  if (rows.length === 0) throw new Error('The experiment was not counted; the log of the service says why');
  const times: number[] = [];
  for (let n = 0; n < ASKED; n += 1) {
    const seconds = await timed(async () => {
      const url = `${target.server.url}/admin/experiments/measured/results`;
      const answer = await fetch(url, { headers: { authorization: AUTHORIZATION } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`It answered ${answer.status} ${text}`);
    });
    times.push(1000 * seconds);
  }
  return { countedMs: 1000 * counted, answeredMs: median(times) };
}

function watchBoth(experiments: number, simulation: Simulation): { sequential: Watched[]; fixed: Watched[] } {
  const random = new Random(1);
  const seen = { sequential: [] as Watched[], fixed: [] as Watched[] };
  for (let experiment = 0; experiment < experiments; experiment += 1) {
    const days = simulate(random, simulation);
    seen.sequential.push(watch(days, simulation, 'sequential'));
    seen.fixed.push(watch(days, simulation, 'fixed'));
  }
  return seen;
}

function isSignificant({ significantOn }: Watched): boolean {
  return significantOn !== null;
}

function shareOf(watched: readonly Watched[], is: (seen: Watched) => boolean): number {
  return watched.filter(is).length / watched.length;
}

function dayOf(watched: readonly Watched[]): string {
  return median(watched.flatMap(({ significantOn }) => significantOn ?? [])).toFixed(0);
}

function percent(share = NaN): string {
  return `${(100 * share).toFixed(1)} %`;
}

import { parseArgs } from 'node:util';
import { CONCURRENCIES } from './measure.js';
import { measureAgainstBaseline } from './suites/baseline.js';
import { measureBackfill } from './suites/backfill.js';
import { measureCollector } from './suites/collector.js';
import { measureConnectedIntake } from './suites/connectors/connected-intake.js';
import { measureConnectors } from './suites/connectors/connectors.js';
import { measureDelivery } from './suites/delivery/delivery.js';
import { measureExperiments } from './suites/experiments/experiments.js';
import { measureExport } from './suites/export.js';
import { measureFlood } from './suites/flood.js';
import { measureGrowth } from './suites/growth.js';
import { measureLife } from './suites/life.js';
import { measureLongLives } from './suites/long-lives.js';
import { measureMixed } from './suites/mixed.js';
import { measureCpu, measurePeers } from './suites/peers.js';
import { measurePredictions } from './suites/predictions/predictions.js';
import { measurePreloaded } from './suites/preload.js';
import { measureRetention } from './suites/retention.js';
import { measureRevenue } from './suites/revenue.js';
import { measureScoring } from './suites/predictions/scoring.js';
import { measureSegments } from './suites/segments.js';
import type { Suite, SuiteOptions } from './suites/suite.js';
import { Workplace } from './workplace.js';

const SUITES: Record<string, Suite> = {
  peers: measurePeers,
  cpu: measureCpu,
  preload: measurePreloaded,
  mixed: measureMixed,
  life: measureLife,
  'long-lives': measureLongLives,
  revenue: measureRevenue,
  segments: measureSegments,
  growth: measureGrowth,
  predictions: measurePredictions,
  experiments: measureExperiments,
  retention: measureRetention,
  scoring: measureScoring,
  delivery: measureDelivery,
  baseline: measureAgainstBaseline,
  backfill: measureBackfill,
  flood: measureFlood,
  export: measureExport,
  collector: measureCollector,
  'connected-intake': measureConnectedIntake,
  connectors: measureConnectors,
};

const { values: flags } = parseArgs({
  options: {
    suite: { type: 'string', default: 'peers' },
    /** Measure only these targets; may be repeated. */
    only: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string', default: '3' },
    /** Measure only with these numbers of connections; may be repeated. */
    connections: { type: 'string', multiple: true },
    /** Seconds of each measurement. */
    seconds: { type: 'string' },
    /** Number of customers, for suites that use one. */
    customers: { type: 'string' },
    /** Folder of a built checkout to compare with. */
    baseline: { type: 'string' },
    /** Folder for a CPU profile of the service. */
    profile: { type: 'string' },
  },
});
const rounds = Number(flags.rounds);
const options: SuiteOptions = {
  plan: {
    rounds,
    singleSeconds: Number(flags.seconds ?? 4),
    manySeconds: Number(flags.seconds ?? 6),
    concurrencies: CONCURRENCIES.filter((n) => !flags.connections || flags.connections.includes(String(n))),
  },
  only: flags.only,
  ...(flags.customers ? { customers: Number(flags.customers) } : {}),
  ...(flags.baseline ? { baseline: flags.baseline } : {}),
  nodeFlags: flags.profile ? ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`] : [],
  isRecorded:
    flags.only.length === 0 && !flags.connections && !flags.seconds && !flags.profile && rounds >= 3,
};
const suite = SUITES[flags.suite];
if (!suite) {
  console.error(`--suite takes ${Object.keys(SUITES).join(', ')}`);
  process.exit(1);
}

const opening = Workplace.open();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(
    signal,
    () => void opening.then((workplace) => workplace.clean()).then(() => process.exit(130)),
  );
}
const workplace = await opening;
try {
  await suite(workplace, options);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await workplace.clean();
}

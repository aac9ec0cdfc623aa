import { parseArgs } from 'node:util';
import { LoadGenerator } from './load-generator.js';
import { CONCURRENCIES, Measurement, type Plan } from './measure.js';
import { preload } from './preload.js';
import { describeRun, type Goal, peerGoals, preloadGoals, toMarkdown, writeSection } from './report.js';
import { Target, TARGET_KINDS, type TargetName } from './targets.js';
import { Workplace } from './workplace.js';

const { values: flags } = parseArgs({
  options: {
    /** Measure only these targets; may be repeated. */
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    /** Measure only with these numbers of connections; may be repeated. */
    connections: { type: 'string', multiple: true },
    /** Measured seconds of each measurement. */
    seconds: { type: 'string' },
    /** Measure the service alone, on an empty database and on one with this many customers. */
    preload: { type: 'string' },
    /** Wait for pauses of other work on the machine, and repeat what it disturbed. */
    quiet: { type: 'boolean', default: false },
    /** Folder for a CPU profile of the service. */
    profile: { type: 'string' },
  },
});
const plan: Plan = {
  rounds: Number(flags.rounds),
  singleSeconds: Number(flags.seconds ?? 4),
  manySeconds: Number(flags.seconds ?? 6),
  quiet: flags.quiet,
  concurrencies: CONCURRENCIES.filter((n) => !flags.connections || flags.connections.includes(String(n))),
};
/** Only a whole run may replace the recorded figures. */
const isWhole = !flags.only && !flags.connections && !flags.seconds && !flags.profile && plan.rounds >= 3;

async function bench(workplace: Workplace): Promise<void> {
  const generator = LoadGenerator.start();
  workplace.defer(() => generator.stop());
  const preloaded = flags.preload === undefined ? null : Number(flags.preload);
  const targets = preloaded === null ? await startAll(workplace) : await startPair(workplace, preloaded);
  console.log(`Measuring (${plan.rounds} rounds)`);
  const figures = await new Measurement(workplace, generator, targets, plan).run();
  for (const target of targets) await target.assertStored();
  const goals: Goal[] = preloaded === null ? peerGoals(figures) : preloadGoals(figures);
  const markdown = toMarkdown(figures, goals);
  console.log(`\n${markdown}\n`);
  if (!isWhole) return;
  const { rows } = await workplace.postgres.query('show server_version');
  const run = describeRun(rows[0].server_version, plan, figures);
  if (preloaded === null) writeSection('peers', `## Beside its peers\n\n${run}\n\n${markdown}`);
  else writeSection('preload', `## With ${preloaded} stored customers\n\n${run}\n\n${markdown}`);
  console.log('Written to bench/RESULTS.md');
}

async function startAll(workplace: Workplace): Promise<Target[]> {
  const names = (Object.keys(TARGET_KINDS) as TargetName[]).filter(
    (name) => !flags.only || flags.only.includes(name),
  );
  if (names.length === 0) throw new Error(`--only takes ${Object.keys(TARGET_KINDS).join(', ')}`);
  const targets: Target[] = [];
  for (const name of names) {
    console.log(`Starting ${name}`);
    targets.push(await Target.start(workplace, name, name === 'service' ? { nodeFlags: profiling() } : {}));
  }
  return targets;
}

async function startPair(workplace: Workplace, customers: number): Promise<Target[]> {
  const empty = await Target.start(workplace, 'service', { name: 'empty', title: 'empty' });
  const full = await Target.start(workplace, 'service', {
    name: 'preloaded',
    title: `${customers} customers`,
    preload: { customers, fill: preload },
  });
  return [empty, full];
}

function profiling(): string[] {
  return flags.profile ? ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`] : [];
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
  await bench(workplace);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await workplace.clean();
}

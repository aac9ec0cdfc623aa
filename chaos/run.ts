import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Campaign } from './campaign.js';
import { ChaosDatabase } from './chaos-database.js';
import type { Plan } from './plan.js';
import { describe, toTable } from './report.js';
import { judge } from './verdict.js';

const { values: flags } = parseArgs({
  options: {
    /** Least number of events. */
    events: { type: 'string', default: '2000' },
    /** Number of SIGKILLs to API processes and workers. */
    kills: { type: 'string', default: '20' },
    /** Number of restarts of PostgreSQL, alternately fast and immediate. */
    'db-restarts': { type: 'string', default: '2' },
    /** Number of sessions ended by `pg_terminate_backend`; a fifth of the kills by default. */
    terminations: { type: 'string' },
    /** Number of SIGTERMs under load. */
    restarts: { type: 'string', default: '6' },
    /** `WORKER_LEASE_SECONDS` of all processes. */
    lease: { type: 'string', default: '30' },
    /** The seed of another run repeats its schedule. */
    seed: { type: 'string' },
    /** A file to write the figures to as well. */
    json: { type: 'string' },
  },
});
const plan: Plan = {
  seed: Number(flags.seed ?? Date.now() % 1_000_000),
  events: Number(flags.events),
  kills: Number(flags.kills),
  databaseRestarts: Number(flags['db-restarts']),
  terminations: Number(flags.terminations ?? Math.round(Number(flags.kills) / 5)),
  cleanRestarts: Number(flags.restarts),
  leaseSeconds: Number(flags.lease),
};

async function run(campaign: Campaign): Promise<void> {
  const startedAt = performance.now();
  const step = (text: string) =>
    console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`);
  step(`Seed ${plan.seed}: starting two API and two worker processes`);
  await campaign.open();
  step(`${plan.cleanRestarts} clean restarts under load`);
  await campaign.restartCleanly();
  step(
    `${plan.kills} kills, ${plan.databaseRestarts} database restarts, ${plan.terminations} ended sessions`,
  );
  await campaign.breakThings();
  step('Judging');
  const verdict = await judge(campaign);
  const figures = await describe(campaign, verdict, (performance.now() - startedAt) / 1000);
  console.log(`\n${toTable(figures)}\n`);
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
  await campaign.close();
  if (verdict.violations.length === 0) return;
  console.error(JSON.stringify({ ...verdict.broken, mail: verdict.mail }, null, 2));
  process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'mingus-chaos-'));
const database = await ChaosDatabase.start(folder);
const campaign = new Campaign(plan, database);
let cleaning: Promise<void> | undefined;
const clean = () =>
  (cleaning ??= (async () => {
    await campaign.abandon();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  })());
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void clean().then(() => process.exit(130)));
}
for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
  process.once(fault, (reason) => {
    console.error(reason);
    void clean().then(() => process.exit(1));
  });
}
try {
  await run(campaign);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await clean();
}
// Pending work of a failed campaign would keep the process alive.
process.exit();

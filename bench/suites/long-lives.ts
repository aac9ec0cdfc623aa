import { LoadGenerator } from '../load/load-generator.js';
import { observeCpu } from '../load/machine-load.js';
import { describeMachine, type Goal, goalTable, table, writeSection } from '../report.js';
import { median } from '../statistics.js';
import { storeCustomers } from '../stored-customers.js';
import { Target } from '../targets.js';
import type { Suite } from './suite.js';

const CONNECTIONS = 64;
const EVENTS = 32_000;
const [SHORT, LONG] = [5, 500];
const TIMEOUT_SECONDS = 300;

interface Turn {
  p50Ms: number;
  serverCpuMs: number;
  databaseCpuMs: number;
}

/** Compares the cost of an event of a customer with 500 changes of a subscription and of one with 5. */
export const measureLongLives: Suite = async (workplace, { plan, isRecorded }) => {
  const perRound = EVENTS / SHORT + EVENTS / LONG;
  const customers = perRound * (plan.rounds + 1);
  const target = await Target.start(workplace, 'service', {
    name: 'lives',
    preload: { customers, fill: storeCustomers },
  });
  const { rows } = await target.database.query('select stripe_customer_id as id from customers');
  const ids = rows.map(({ id }) => id as string);
  const generator = LoadGenerator.start();
  workplace.defer(() => generator.stop());
  const roles = {
    run: process.pid,
    generator: generator.pid,
    server: target.server.pid,
    database: workplace.postgres.pid,
  };
  const measure = async (changes: number): Promise<Turn> => {
    const customerIds = ids.splice(0, EVENTS / changes);
    const startedAt = Math.floor(Date.now() / 1000) - LONG;
    const { result, cpu } = await observeCpu(roles, () =>
      generator.run({
        url: target.server.url,
        concurrency: CONNECTIONS,
        warmupSeconds: 0,
        seconds: TIMEOUT_SECONDS,
        events: EVENTS,
        keys: `changes-${changes}`,
        users: 0,
        traffic: { customerIds, startedAt },
        contains: '',
      }),
    );
    const cpuMs = (role: string) => ((cpu?.seconds[role] ?? Number.NaN) * 1000) / result.acknowledged;
    return { p50Ms: result.p50Ms, serverCpuMs: cpuMs('server'), databaseCpuMs: cpuMs('database') };
  };

  const turns: Record<number, Turn[]> = { [SHORT]: [], [LONG]: [] };
  for (let round = 0; round <= plan.rounds; round += 1) {
    await workplace.postgres.query('checkpoint');
    for (const changes of [SHORT, LONG]) {
      const turn = await measure(changes);
      // The first round is a warm-up.
      if (round > 0) turns[changes]?.push(turn);
      await target.database.analyze();
    }
  }
  const of = (changes: number, figure: keyof Turn) => (turns[changes] ?? []).map((turn) => turn[figure]);
  const each = (changes: number, figure: keyof Turn) =>
    of(changes, figure)
      .map((value) => value.toFixed(3))
      .join(', ');
  const figures = table(
    ['changes of each customer', 'service CPU ms per event', 'database CPU ms per event', 'p50 ms'],
    [SHORT, LONG].map((changes) => [
      String(changes),
      each(changes, 'serverCpuMs'),
      each(changes, 'databaseCpuMs'),
      each(changes, 'p50Ms'),
    ]),
  );
  const cpuOf = (changes: number) =>
    (turns[changes] ?? []).map(({ serverCpuMs, databaseCpuMs }) => serverCpuMs + databaseCpuMs);
  const shortCpu = cpuOf(SHORT);
  const goal: Goal = {
    name: `CPU per event, ${LONG} changes against ${SHORT}`,
    measured: median(cpuOf(LONG).map((cpu, round) => cpu / (shortCpu[round] ?? Number.NaN))),
    unit: '×',
    relation: '≤',
    bound: 1.1,
  };
  const markdown = `${figures}\n\n${goalTable([goal])}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection(
    'long-lives',
    `## Customers with ${LONG} changes of a subscription\n\n${machine}\n\n${markdown}`,
  );
};

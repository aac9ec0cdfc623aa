import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Flood } from '../load/garbage.js';
import { describeMachine, goalTable, precise, table, writeSection } from '../report.js';
import { median, percentile } from '../statistics.js';
import { Target } from '../targets.js';
import { probe } from './delivery/probe.js';
import type { Suite } from './suite.js';

const GARBAGE_PER_SECOND = 10_000;
/** Number of events of new customers, and how many of them per second. */
const EVENTS = 500;
const EVENTS_PER_SECOND = 50;

/**
 * Measures how unsigned requests slow down signed ones: p99 of accepted events without and with a flood, in
 * turn.
 */
export const measureFlood: Suite = async (workplace, { plan, isRecorded }) => {
  const target = await Target.start(workplace, 'service', { name: 'flood' });
  const port = Number(new URL(target.server.url).port);
  const p99 = async (keys: string) => {
    await target.database.createUsers(keys, EVENTS);
    const all = Array.from({ length: EVENTS }, (_, index) => `${keys}-${index + 1}`);
    const answers = await probe(target.server.url, all, EVENTS_PER_SECOND);
    return percentile(
      answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b),
      0.99,
    );
  };
  await p99('warm-up');
  const rounds: { quietMs: number; floodedMs: number; refusedPerSecond: number }[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    const quietMs = await p99(`quiet-${round}`);
    const flood = startFlood(port, EVENTS / EVENTS_PER_SECOND);
    const floodedMs = await p99(`flooded-${round}`);
    const { refusedPerSecond, others } = await flood;
    if (others > 0) throw new Error(`${others} unsigned requests were not answered 400`);
    console.log(
      `  round ${round}  p99 ${precise(quietMs)} ms, flooded ${precise(floodedMs)} ms, ${refusedPerSecond.toFixed(0)} refused/s`,
    );
    rounds.push({ quietMs, floodedMs, refusedPerSecond });
  }
  const markdown = `${table(
    ['round', 'p99 of accepted events', 'under the flood', 'refused/s'],
    rounds.map(({ quietMs, floodedMs, refusedPerSecond }, index) => [
      String(index + 1),
      `${precise(quietMs)} ms`,
      `${precise(floodedMs)} ms`,
      refusedPerSecond.toFixed(0),
    ]),
  )}\n\n${goalTable([
    {
      name: 'p99 under the flood against without',
      measured: median(rounds.map(({ quietMs, floodedMs }) => floodedMs / quietMs)),
      unit: '×',
      relation: '≤',
      bound: 2,
    },
  ])}`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  const title = `## ${GARBAGE_PER_SECOND} unsigned requests a second`;
  writeSection('flood', `${title}\n\n${machine}\n\n${markdown}`);
};

async function startFlood(port: number, seconds: number): Promise<Flood> {
  const script = new URL('../load/garbage.ts', import.meta.url);
  const args = [port, GARBAGE_PER_SECOND, seconds].map(String);
  const child = fork(script, args, { execArgv: ['--import', 'tsx'] });
  const [flood] = (await once(child, 'message')) as [Flood];
  return flood;
}

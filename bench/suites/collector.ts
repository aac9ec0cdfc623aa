import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { BenchDatabase } from '../bench-database.js';
import type { TrackedLoad } from '../load/tracked-events.js';
import { observeCpu } from '../load/machine-load.js';
import { describeMachine, goalTable, precise, table, writeSection } from '../report.js';
import { median } from '../statistics.js';
import { AUTHORIZATION, Target } from '../targets.js';
import type { Workplace } from '../workplace.js';
import type { Suite } from './suite.js';

const CONNECTIONS = 8;
const EVENTS_PER_BATCH = 100;
const USERS = 100_000;
const WARM_UP_SECONDS = 5;
/** Events of earlier months. */
const STORED = 1_000_000;

interface Round extends TrackedLoad {
  serviceCpuMs: number;
  databaseCpuMs: number;
  foreignShare: number;
}

/** Measures how many events per second the collector commits, in batches of 100 of 100,000 users, beside two years of events. */
export const measureCollector: Suite = async (workplace, { plan, nodeFlags, isRecorded }) => {
  const target = await Target.start(workplace, 'service', {
    name: 'collector',
    nodeFlags,
    preload: { customers: STORED, fill: storeEvents },
    env: { API_MAX_EVENTS_PER_KEY_MINUTE: '0', API_MAX_PER_ADDRESS_MINUTE: '0' },
  });
  const generator = fork(new URL('../load/tracked-events.ts', import.meta.url), {
    execArgv: ['--import', 'tsx'],
  });
  workplace.defer(async () => void generator.kill());
  const order = {
    url: target.server.url,
    key: await makeWriteKey(target.server.url),
    connections: CONNECTIONS,
    eventsPerBatch: EVENTS_PER_BATCH,
    users: USERS,
    warmupSeconds: WARM_UP_SECONDS,
    seconds: plan.manySeconds,
  };
  const rounds: Round[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    rounds.push(await measure(workplace, target, generator, order));
    console.log(`  round ${round}  ${rowOf(rounds.at(-1) as Round).join('  ')}`);
    await target.database.analyze();
  }
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged, 0);
  const stored = (await target.database.count('behaviour_events')) - STORED;
  if (stored !== acknowledged)
    throw new Error(`${acknowledged} events were acknowledged and ${stored} stored`);
  const markdown = `${table(
    ['events/s', 'p50 of a batch', 'p99', 'service CPU per event', 'database CPU per event', 'others'],
    rounds.map(rowOf),
  )}\n\n${goalTable([
    {
      name: 'events per second',
      measured: median(rounds.map(({ eventsPerSecond }) => eventsPerSecond)),
      unit: '',
      relation: '≥',
      bound: 5000,
    },
  ])}\n\nPeak RSS of the service: ${target.server.peakRssMb.toFixed(0)} MB.`;
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection(
    'collector',
    `## Events of behaviour in batches of ${EVENTS_PER_BATCH}\n\n${machine}\n\n${markdown}`,
  );
};

async function storeEvents(database: BenchDatabase, events: number): Promise<void> {
  await database.query(
    `insert into people (user_id) select 'user-' || n from generate_series(0, $1::int - 1) n`,
    [USERS],
  );
  await database.query(
    `select make_behaviour_month((now() - make_interval(months => n))::date) from generate_series(0, 24) n`,
  );
  await database.query(
    `insert into behaviour_events (occurred_at, recorded_at, message_key, person_id, type, name, properties, context)
     select now() - n * interval '730 days' / $1::int, now() - n * interval '730 days' / $1::int, md5(n::text)::uuid, n % $2::int + 1, 'track', 'Opened', '{}', '{}'
     from generate_series(1, $1::int) n`,
    [events, USERS],
  );
  await database.query('vacuum analyze');
}

async function makeWriteKey(url: string): Promise<string> {
  const answer = await fetch(`${url}/admin/api-keys`, {
    method: 'POST',
    headers: {
      authorization: AUTHORIZATION,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name: 'bench', role: 'collector' }),
  });
  return ((await answer.json()) as { key: string }).key;
}

async function measure(
  workplace: Workplace,
  target: Target,
  generator: ChildProcess,
  order: object,
): Promise<Round> {
  const roles = {
    run: process.pid,
    generator: generator.pid as number,
    server: target.server.pid,
    database: workplace.postgres.pid,
  };
  const { result, cpu } = await observeCpu(roles, async () => {
    generator.send(order);
    const [load] = (await once(generator, 'message')) as [TrackedLoad];
    return load;
  });
  const cpuMs = (role: string) => ((cpu?.seconds[role] ?? Number.NaN) * 1000) / result.acknowledged;
  return {
    ...result,
    serviceCpuMs: cpuMs('server'),
    databaseCpuMs: cpuMs('database'),
    foreignShare: cpu?.foreignShare ?? Number.NaN,
  };
}

function rowOf(round: Round): string[] {
  return [
    round.eventsPerSecond.toFixed(0),
    `${precise(round.p50Ms)} ms`,
    `${precise(round.p99Ms)} ms`,
    `${precise(round.serviceCpuMs)} ms`,
    `${precise(round.databaseCpuMs)} ms`,
    `${(round.foreignShare * 100).toFixed(0)} % CPU`,
  ];
}

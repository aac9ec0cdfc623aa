import type { LoadResult } from './load.js';
import type { LoadGenerator } from './load-generator.js';
import { median } from './statistics.js';
import type { Target } from './targets.js';
import type { Workplace } from './workplace.js';

export const CONCURRENCIES = [1, 64, 256] as const;
export type Concurrency = (typeof CONCURRENCIES)[number];

/** Users made per second of traffic: more than any target here can need on this kind of machine. */
const USERS_PER_SECOND: Record<Concurrency, number> = { 1: 3000, 64: 15_000, 256: 15_000 };
/** Before each target's turn: its code compiled, its pools filled, its statements planned. */
const WARM_UP_SECONDS = 2;
const RAMP_SECONDS = 0.5;

export interface Durations {
  /** Measured seconds with a single connection, and with many. */
  single: number;
  many: number;
}

/** A target's medians over all rounds. */
export interface Figures {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Events/s of each round. */
  rounds: number[];
}

export interface TargetFigures {
  name: string;
  title: string;
  byConcurrency: Map<Concurrency, Figures>;
  peakRssMb: number;
}

/** Measures the targets in turn, `rounds` times over, so that a slow minute harms all of them alike. */
export async function measure(
  workplace: Workplace,
  generator: LoadGenerator,
  targets: readonly Target[],
  rounds: number,
  durations: Durations,
): Promise<TargetFigures[]> {
  const results = new Map<string, LoadResult[]>();
  const run = async (
    target: Target,
    concurrency: Concurrency,
    keys: string,
    seconds: number,
    ramp: number,
  ) => {
    const users = Math.ceil((seconds + ramp) * USERS_PER_SECOND[concurrency]) + 1000;
    if (target.kind.hasSchema) await target.database.createUsers(keys, users);
    // Nobody pays for the writes of whoever came before.
    await workplace.postgres.query('checkpoint');
    const { contains } = target.kind;
    const { url } = target.server;
    const result = await generator.run({
      url,
      concurrency,
      warmupSeconds: ramp,
      seconds,
      keys,
      users,
      contains,
    });
    target.acknowledged += result.acknowledged;
    return result;
  };
  for (let round = 1; round <= rounds; round += 1) {
    for (const target of targets) {
      await run(target, 64, `r${round}-${target.name}-warm`, WARM_UP_SECONDS, 0);
      for (const concurrency of CONCURRENCIES) {
        const seconds = concurrency === 1 ? durations.single : durations.many;
        const keys = `r${round}-${target.name}-${concurrency}`;
        const result = await run(target, concurrency, keys, seconds, RAMP_SECONDS);
        const key = `${target.name} ${concurrency}`;
        results.set(key, [...(results.get(key) ?? []), result]);
        console.log(
          `  round ${round}  ${target.name.padEnd(15)} c=${String(concurrency).padEnd(4)}` +
            `${result.eventsPerSecond.toFixed(0).padStart(6)} events/s` +
            `   p50 ${result.p50Ms.toFixed(1)} ms   p99 ${result.p99Ms.toFixed(1)} ms`,
        );
      }
    }
  }
  return targets.map((target) => ({
    name: target.name,
    title: target.kind.title,
    byConcurrency: new Map(
      CONCURRENCIES.map((concurrency) => [
        concurrency,
        summarise(results.get(`${target.name} ${concurrency}`)),
      ]),
    ),
    peakRssMb: target.server.peakRssMb,
  }));
}

function summarise(results: readonly LoadResult[] = []): Figures {
  return {
    eventsPerSecond: median(results.map((result) => result.eventsPerSecond)),
    p50Ms: median(results.map((result) => result.p50Ms)),
    p99Ms: median(results.map((result) => result.p99Ms)),
    rounds: results.map((result) => result.eventsPerSecond),
  };
}

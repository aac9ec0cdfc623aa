import type { LoadResult } from './load.js';
import type { LoadGenerator } from './load-generator.js';
import { MachineLoad } from './machine-load.js';
import { median } from './statistics.js';
import type { Target } from './targets.js';
import type { Workplace } from './workplace.js';

export const CONCURRENCIES = [1, 64, 256] as const;
export type Concurrency = (typeof CONCURRENCIES)[number];

/** Users made per second of traffic: more than any target can need on this kind of machine. */
const USERS_PER_SECOND: Record<Concurrency, number> = { 1: 3000, 64: 12_000, 256: 12_000 };
/** Before each target's turn: its code compiled, its pools filled, its statements planned. */
const WARM_UP_SECONDS = 3;
const RAMP_SECONDS = 0.5;
/** Above this share of all cores taken by others, a measurement counts as disturbed. */
const FOREIGN_SHARE_MAX = 0.1;
const ATTEMPTS_MAX = 20;

export interface Plan {
  rounds: number;
  /** Measured seconds with a single connection, and with many. */
  singleSeconds: number;
  manySeconds: number;
  /** Wait for other work on the machine to pause, and repeat what it disturbed. */
  quiet: boolean;
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
  /** Share of all cores that other work took during the measurements, on average; null where unknown. */
  foreignShare: number | null;
}

type Measured = LoadResult & { foreignShare: number | null };

/** Measures targets in turn, `rounds` times over, so that a slow minute harms all of them alike. */
export class Measurement {
  private readonly machine: MachineLoad;
  private readonly results = new Map<Target, Map<Concurrency, Measured[]>>();

  constructor(
    private readonly workplace: Workplace,
    private readonly generator: LoadGenerator,
    private readonly targets: readonly Target[],
    private readonly plan: Plan,
  ) {
    this.machine = new MachineLoad(() => [process.pid, workplace.postgres.pid]);
    for (const target of targets) {
      this.results.set(target, new Map(CONCURRENCIES.map((concurrency) => [concurrency, []])));
    }
  }

  async run(): Promise<TargetFigures[]> {
    for (let round = 1; round <= this.plan.rounds; round += 1) {
      for (const target of this.targets) {
        const keys = `r${round}-${target.name}`;
        if (this.plan.quiet) await this.machine.untilQuiet(FOREIGN_SHARE_MAX);
        await this.load(target, 64, `${keys}-warm`, { warmupSeconds: 0, seconds: WARM_UP_SECONDS });
        for (const concurrency of CONCURRENCIES) {
          const measured = await this.measure(target, concurrency, `${keys}-${concurrency}`);
          this.results.get(target)?.get(concurrency)?.push(measured);
          console.log(`  round ${round}  ${describe(target.name, concurrency, measured)}`);
        }
      }
    }
    return this.targets.map((target) => this.summarise(target));
  }

  /** One measurement; in quiet mode the least disturbed of several where none was undisturbed. */
  private async measure(target: Target, concurrency: Concurrency, keys: string): Promise<Measured> {
    const seconds = concurrency === 1 ? this.plan.singleSeconds : this.plan.manySeconds;
    const order = { warmupSeconds: RAMP_SECONDS, seconds };
    let best: Measured | undefined;
    for (let attempt = 1; attempt <= (this.plan.quiet ? ATTEMPTS_MAX : 1); attempt += 1) {
      if (this.plan.quiet) await this.machine.untilQuiet(FOREIGN_SHARE_MAX);
      const measured = await this.load(target, concurrency, `${keys}-${attempt}`, order);
      if (!best || (measured.foreignShare ?? 0) < (best.foreignShare ?? 0)) best = measured;
      if ((best.foreignShare ?? 0) <= FOREIGN_SHARE_MAX) return best;
    }
    return best as Measured;
  }

  private async load(
    target: Target,
    concurrency: Concurrency,
    keys: string,
    { warmupSeconds, seconds }: { warmupSeconds: number; seconds: number },
  ): Promise<Measured> {
    const users = Math.ceil((warmupSeconds + seconds) * USERS_PER_SECOND[concurrency]);
    if (target.kind.hasSchema) await target.database.createUsers(keys, users);
    // Nobody pays for the writes of whoever came before.
    await this.workplace.postgres.query('checkpoint');
    const { contains } = target.kind;
    const { url } = target.server;
    const { result, foreignShare } = await this.machine.during(() =>
      this.generator.run({ url, concurrency, warmupSeconds, seconds, keys, users, contains }),
    );
    target.acknowledged += result.acknowledged;
    return { ...result, foreignShare };
  }

  private summarise(target: Target): TargetFigures {
    const results = this.results.get(target) ?? new Map<Concurrency, Measured[]>();
    const shares = [...results.values()].flat().flatMap(({ foreignShare }) => foreignShare ?? []);
    return {
      name: target.name,
      title: target.kind.title,
      byConcurrency: new Map([...results].map(([concurrency, all]) => [concurrency, toFigures(all)])),
      peakRssMb: target.server.peakRssMb,
      foreignShare: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share) / shares.length,
    };
  }
}

function toFigures(results: readonly LoadResult[]): Figures {
  return {
    eventsPerSecond: median(results.map((result) => result.eventsPerSecond)),
    p50Ms: median(results.map((result) => result.p50Ms)),
    p99Ms: median(results.map((result) => result.p99Ms)),
    rounds: results.map((result) => result.eventsPerSecond),
  };
}

function describe(name: string, concurrency: Concurrency, measured: Measured): string {
  const { eventsPerSecond, p50Ms, p99Ms, foreignShare } = measured;
  return (
    `${name.padEnd(15)} c=${String(concurrency).padEnd(4)}${eventsPerSecond.toFixed(0).padStart(6)} events/s` +
    `   p50 ${p50Ms.toFixed(1)} ms   p99 ${p99Ms.toFixed(1)} ms` +
    (foreignShare === null ? '' : `   others ${(foreignShare * 100).toFixed(0)} % CPU`)
  );
}

import type { LoadOrder, LoadResult } from './load/load.js';
import type { LoadGenerator } from './load/load-generator.js';
import { type CpuUse, observeCpu, type Roles, untilQuiet } from './load/machine-load.js';
import { median } from './statistics.js';
import type { Target } from './targets.js';
import type { Workplace } from './workplace.js';

export const CONCURRENCIES = [1, 64, 256] as const;
export type Concurrency = (typeof CONCURRENCIES)[number];

/** Users made per second of traffic: more than any target can need on this kind of machine. */
const USERS_PER_SECOND: Record<Concurrency, number> = { 1: 3000, 64: 12_000, 256: 12_000 };
/** Before each round: each target's code compiled, its pools filled, its statements planned. */
const WARM_UP = { warmupSeconds: 0, seconds: 15, events: 10_000 };
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
  concurrencies: readonly Concurrency[];
}

/** A target's medians over all rounds. What the system does not tell is NaN. */
export interface Figures {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** CPU time per event, of the server's process and of the database's processes. */
  serverCpuMs: number;
  databaseCpuMs: number;
  /** Events/s of each round. */
  rounds: number[];
}

export interface TargetFigures {
  name: string;
  title: string;
  byConcurrency: Map<Concurrency, Figures>;
  peakRssMb: number;
  /** Share of all cores that other work took during the measurements, on average. */
  foreignShare: number;
}

type Measured = LoadResult & { cpu: CpuUse | null };

/**
 * Measures targets in turn, with each number of connections, `rounds` times over: what is compared is
 * measured within a minute, because a slow one comes every few.
 */
export class Measurement {
  private readonly results = new Map<Target, Map<Concurrency, Measured[]>>();

  constructor(
    private readonly workplace: Workplace,
    private readonly generator: LoadGenerator,
    private readonly targets: readonly Target[],
    private readonly plan: Plan,
  ) {
    for (const target of targets) {
      this.results.set(target, new Map(plan.concurrencies.map((concurrency) => [concurrency, []])));
    }
  }

  async run(): Promise<TargetFigures[]> {
    for (let round = 1; round <= this.plan.rounds; round += 1) {
      await this.workplace.postgres.query('checkpoint');
      for (const target of this.targets) await this.warmUp(target, round);
      for (const concurrency of this.plan.concurrencies) {
        for (const target of this.targets) await this.takeTurn(target, concurrency, round);
      }
    }
    return this.targets.map((target) => this.summarise(target));
  }

  /** Nobody pays for plans made while the tables were empty: they are kept until an analyze. */
  private async warmUp(target: Target, round: number): Promise<void> {
    await this.load(target, 64, `r${round}-${target.name}-warm`, WARM_UP);
    await target.database.analyze();
  }

  private async takeTurn(target: Target, concurrency: Concurrency, round: number): Promise<void> {
    const measured = await this.measure(target, concurrency, `r${round}-${target.name}-${concurrency}`);
    this.results.get(target)?.get(concurrency)?.push(measured);
    console.log(`  round ${round}  ${describe(target.name, concurrency, measured)}`);
  }

  /** One measurement; in quiet mode the least disturbed of several where none was undisturbed. */
  private async measure(target: Target, concurrency: Concurrency, keys: string): Promise<Measured> {
    const seconds = concurrency === 1 ? this.plan.singleSeconds : this.plan.manySeconds;
    const order = { warmupSeconds: RAMP_SECONDS, seconds };
    let best: Measured | undefined;
    for (let attempt = 1; attempt <= (this.plan.quiet ? ATTEMPTS_MAX : 1); attempt += 1) {
      if (this.plan.quiet) await untilQuiet(this.rolesOf(target), FOREIGN_SHARE_MAX);
      const measured = await this.load(target, concurrency, `${keys}-${attempt}`, order);
      if (!best || foreignShareOf(measured) < foreignShareOf(best)) best = measured;
      if (foreignShareOf(best) <= FOREIGN_SHARE_MAX) break;
    }
    return best as Measured;
  }

  private async load(
    target: Target,
    concurrency: Concurrency,
    keys: string,
    duration: Pick<LoadOrder, 'warmupSeconds' | 'seconds' | 'events'>,
  ): Promise<Measured> {
    let users = Number.MAX_SAFE_INTEGER;
    if (target.kind.hasSchema) {
      users = Math.ceil((duration.warmupSeconds + duration.seconds) * USERS_PER_SECOND[concurrency]);
      await target.database.createUsers(keys, users);
    }
    const { traffic, server, kind } = target;
    const { url } = server;
    const { contains } = kind;
    const { result, cpu } = await observeCpu(this.rolesOf(target), () =>
      this.generator.run({ url, concurrency, ...duration, keys, users, traffic, contains }),
    );
    target.created += result.created;
    return { ...result, cpu };
  }

  private rolesOf(target: Target): Roles {
    return {
      run: process.pid,
      generator: this.generator.pid,
      server: target.server.pid,
      database: this.workplace.postgres.pid,
    };
  }

  private summarise(target: Target): TargetFigures {
    const results = [...(this.results.get(target) ?? [])];
    const shares = results.flatMap(([, all]) => all.map(foreignShareOf));
    return {
      name: target.name,
      title: target.kind.title,
      byConcurrency: new Map(results.map(([concurrency, all]) => [concurrency, toFigures(all)])),
      peakRssMb: target.server.peakRssMb,
      foreignShare: shares.reduce((sum, share) => sum + share, 0) / shares.length,
    };
  }
}

function toFigures(all: readonly Measured[]): Figures {
  const cpuMs = (role: string) =>
    median(all.map(({ cpu, acknowledged }) => ((cpu?.seconds[role] ?? Number.NaN) * 1000) / acknowledged));
  return {
    eventsPerSecond: median(all.map((measured) => measured.eventsPerSecond)),
    p50Ms: median(all.map((measured) => measured.p50Ms)),
    p99Ms: median(all.map((measured) => measured.p99Ms)),
    serverCpuMs: cpuMs('server'),
    databaseCpuMs: cpuMs('database'),
    rounds: all.map((measured) => measured.eventsPerSecond),
  };
}

function foreignShareOf({ cpu }: Measured): number {
  return cpu?.foreignShare ?? Number.NaN;
}

function describe(name: string, concurrency: Concurrency, measured: Measured): string {
  const { eventsPerSecond, p50Ms, p99Ms } = measured;
  const { serverCpuMs, databaseCpuMs } = toFigures([measured]);
  return [
    name.padEnd(15),
    `c=${concurrency}`.padEnd(5),
    `${eventsPerSecond.toFixed(0).padStart(6)} events/s`,
    `p50 ${p50Ms.toFixed(1)} ms`.padEnd(12),
    `p99 ${p99Ms.toFixed(1)} ms`.padEnd(13),
    `CPU/event ${serverCpuMs.toFixed(2)} + ${databaseCpuMs.toFixed(2)} ms`,
    `others ${(foreignShareOf(measured) * 100).toFixed(0)} % CPU`,
  ].join('  ');
}

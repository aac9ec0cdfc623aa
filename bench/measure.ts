import type { LoadOrder, LoadResult } from './load/load.js';
import type { LoadGenerator } from './load/load-generator.js';
import { type CpuUse, observeCpu, type Roles } from './load/machine-load.js';
import { median } from './statistics.js';
import type { Target } from './targets.js';
import type { Workplace } from './workplace.js';

export const CONCURRENCIES = [1, 64, 256] as const;
export type Concurrency = (typeof CONCURRENCIES)[number];

/** Users created per second of traffic: more than any target can need on this kind of machine. */
const USERS_PER_SECOND: Record<Concurrency, number> = { 1: 3000, 64: 12_000, 256: 12_000 };
/** The warm-up before each round: each target compiles its code, fills its pools and plans its statements. */
const WARM_UP = { warmupSeconds: 0, seconds: 15, events: 10_000 };
const RAMP_SECONDS = 0.5;
/**
 * A turn is disturbed if other processes took more than this share of all cores. It is repeated, then marked.
 */
export const FOREIGN_SHARE_MAX = 0.1;
const ATTEMPTS_MAX = 3;

export interface Plan {
  rounds: number;
  /** Measured seconds with a single connection, and with many. */
  singleSeconds: number;
  manySeconds: number;
  concurrencies: readonly Concurrency[];
}

/** The figures of one turn of a target. NaN stands for figures that the system does not report. */
export interface Turn {
  eventsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** CPU time per event: of the server's process, and of the database's processes. */
  serverCpuMs: number;
  databaseCpuMs: number;
  /** Share of all cores used by other processes. */
  foreignShare: number;
}

export interface TargetFigures {
  name: string;
  title: string;
  /** One turn per round. Turns of the same round are compared: they were taken within a minute. */
  turns: Map<Concurrency, Turn[]>;
  peakRssMb: number;
}

export type Figure = Exclude<keyof Turn, 'foreignShare'>;

/** The undisturbed turns, or all of them if there is none. */
export function judged(turns: readonly Turn[]): readonly Turn[] {
  const undisturbed = turns.filter((turn) => !isDisturbed(turn));
  return undisturbed.length > 0 ? undisturbed : turns;
}

export function isDisturbed({ foreignShare }: Turn): boolean {
  return foreignShare > FOREIGN_SHARE_MAX;
}

/** The median of a figure over the judged turns. */
export function medianOf(turns: readonly Turn[], figure: Figure): number {
  return median(judged(turns).map((turn) => turn[figure]));
}

/**
 * Measures targets in turn, with each number of connections, `rounds` times. What is compared is measured
 * within a minute, because the machine has a slow minute every few minutes.
 */
export class Measurement {
  private readonly results = new Map<Target, Map<Concurrency, Turn[]>>();

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

  /** Warms up, then analyzes the tables: sessions would otherwise keep the plans made for empty tables. */
  private async warmUp(target: Target, round: number): Promise<void> {
    await this.load(target, 64, `r${round}-${target.name}-warm`, WARM_UP);
    await target.database.analyze();
  }

  private async takeTurn(target: Target, concurrency: Concurrency, round: number): Promise<void> {
    const turn = await this.measure(target, concurrency, `r${round}-${target.name}-${concurrency}`);
    this.results.get(target)?.get(concurrency)?.push(turn);
    console.log(`  round ${round}  ${describe(target.name, concurrency, turn)}`);
  }

  /** The least disturbed turn of at most three tries. */
  private async measure(target: Target, concurrency: Concurrency, keys: string): Promise<Turn> {
    const seconds = concurrency === 1 ? this.plan.singleSeconds : this.plan.manySeconds;
    const order = { warmupSeconds: RAMP_SECONDS, seconds };
    let best: Turn | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && (!best || isDisturbed(best)); attempt += 1) {
      const turn = await this.load(target, concurrency, `${keys}-${attempt}`, order);
      if (!best || turn.foreignShare < best.foreignShare) best = turn;
    }
    return best as Turn;
  }

  private async load(
    target: Target,
    concurrency: Concurrency,
    keys: string,
    duration: Pick<LoadOrder, 'warmupSeconds' | 'seconds' | 'events'>,
  ): Promise<Turn> {
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
    return toTurn(result, cpu);
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
    return {
      name: target.name,
      title: target.kind.title,
      turns: this.results.get(target) ?? new Map(),
      peakRssMb: target.server.peakRssMb,
    };
  }
}

function toTurn({ eventsPerSecond, p50Ms, p99Ms, acknowledged }: LoadResult, cpu: CpuUse | null): Turn {
  const cpuMs = (role: string) => ((cpu?.seconds[role] ?? Number.NaN) * 1000) / acknowledged;
  const foreignShare = cpu?.foreignShare ?? Number.NaN;
  const perEvent = { serverCpuMs: cpuMs('server'), databaseCpuMs: cpuMs('database') };
  return { eventsPerSecond, p50Ms, p99Ms, ...perEvent, foreignShare };
}

function describe(name: string, concurrency: Concurrency, turn: Turn): string {
  const { eventsPerSecond, p50Ms, p99Ms, serverCpuMs, databaseCpuMs, foreignShare } = turn;
  return [
    name.padEnd(15),
    `c=${concurrency}`.padEnd(5),
    `${eventsPerSecond.toFixed(0).padStart(6)} events/s`,
    `p50 ${p50Ms.toFixed(1)} ms`.padEnd(12),
    `p99 ${p99Ms.toFixed(1)} ms`.padEnd(13),
    `CPU/event ${serverCpuMs.toFixed(3)} + ${databaseCpuMs.toFixed(3)} ms`,
    `others ${(foreignShare * 100).toFixed(0)} % CPU${isDisturbed(turn) ? ', disturbed' : ''}`,
  ].join('  ');
}

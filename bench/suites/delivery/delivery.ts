import type { BenchDatabase } from '../../bench-database.js';
import { LoadGenerator } from '../../load/load-generator.js';
import { describeMachine, writeSection } from '../../report.js';
import { percentile } from '../../statistics.js';
import { Target } from '../../targets.js';
import type { Workplace } from '../../workplace.js';
import type { Suite } from '../suite.js';
import { measureBareLoop } from './bare-loop.js';
import { describeDelivery, type DrainRound, type OutageFigures } from './delivery-report.js';
import { retryNow, untilDelivered } from './delivery-queue.js';
import { MailSink } from './mail-sink.js';
import { deliver, probe } from './probe.js';

const MAILS_PER_CUSTOMER = 3;
/** The service's default (`SMTP_MAX_CONNECTIONS`). */
const CONNECTIONS = 2;
const IDLE_EVENTS = 100;
const DRAINED_CUSTOMERS = 2000;
const OUTAGE_CUSTOMERS = 3334;
/** Customers who are created while the mails of others are delivered, and how many of them per second. */
const NEWCOMERS = 600;
const NEWCOMERS_PER_SECOND = 40;
/** How many times the mails are tried during the outage. */
const RETRIES_DURING_OUTAGE = 3;

/**
 * Measures the time from the webhook's answer to the mail, the draining of a queue, and an outage of the mail
 * server.
 */
export const measureDelivery: Suite = async (workplace, { plan, isRecorded }) => {
  const bench = await DeliveryBench.start(workplace);
  const idleMs = await bench.measureIdle();
  const rounds: DrainRound[] = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    const drained = await bench.measureDrain(`drain-${round}`, 1);
    const drainedByTwo = await bench.measureDrain(`drain-two-${round}`, 2);
    const bare = await measureBareLoop(bench.sink, CONNECTIONS, DRAINED_CUSTOMERS * MAILS_PER_CUSTOMER);
    const figures = [drained, drainedByTwo, bare].map((rate) => rate.toFixed(0));
    console.log(`  round ${round}  drained by one, by two, bare loop: ${figures.join(', ')}/s`);
    rounds.push({ drained, drainedByTwo, bare });
  }
  const markdown = describeDelivery(idleMs, rounds, await bench.measureOutage());
  console.log(`\n${markdown}\n`);
  if (!isRecorded) return;
  const machine = describeMachine(await workplace.postgresVersion());
  writeSection('delivery', `## Delivering messages\n\n${machine}\n\n${markdown}`);
};

class DeliveryBench {
  private constructor(
    private readonly workplace: Workplace,
    private readonly generator: LoadGenerator,
    readonly sink: MailSink,
  ) {}

  static async start(workplace: Workplace): Promise<DeliveryBench> {
    const generator = LoadGenerator.start();
    workplace.defer(() => generator.stop());
    const sink = await MailSink.start();
    workplace.defer(() => sink.goAway());
    return new DeliveryBench(workplace, generator, sink);
  }

  /**
   * Milliseconds from the answer to an event to each of its mails, for customers created one after another.
   */
  async measureIdle(): Promise<number[]> {
    const api = await this.startProcess('idle', 'api');
    const worker = await this.startProcess('idle', 'worker', api.database);
    await api.database.createUsers('idle', IDLE_EVENTS);
    const latencies: number[] = [];
    for (let i = 1; i <= IDLE_EVENTS; i += 1) {
      const before = this.sink.accepted.length;
      const answered = await deliver(api.server.url, `idle-${i}`);
      await this.sink.until(before + MAILS_PER_CUSTOMER);
      latencies.push(...this.sink.accepted.slice(before).map(({ at }) => Math.max(0, at - answered.at)));
    }
    await Promise.all([api.server.stop(), worker.server.stop()]);
    return latencies;
  }

  /** Mails per second from a full queue with this number of workers. */
  async measureDrain(name: string, workers: number): Promise<number> {
    const api = await this.startProcess(name, 'api');
    const customers = await this.createCustomers(api, name, DRAINED_CUSTOMERS);
    await api.server.stop();
    const before = this.sink.accepted.length;
    const started = await Promise.all(
      Array.from({ length: workers }, (_, n) => this.startProcess(`${name}-${n}`, 'worker', api.database)),
    );
    await this.sink.until(before + customers * MAILS_PER_CUSTOMER);
    await Promise.all(started.map(({ server }) => server.stop()));
    return this.sink.rateSince(before);
  }

  /** An outage of the mail server with its waiting times skipped, while new customers keep coming. */
  async measureOutage(): Promise<OutageFigures> {
    const api = await this.startProcess('outage', 'api');
    await this.startProcess('outage', 'worker', api.database);
    await this.createAtFixedRate(api, 'warm-up');
    const usualP99Ms = await this.createAtFixedRate(api, 'usual');
    await untilDelivered(api.database);
    await this.sink.goAway();
    await this.createCustomers(api, 'outage', OUTAGE_CUSTOMERS);
    for (let i = 0; i < RETRIES_DURING_OUTAGE; i += 1) await retryNow(api.database);
    const outageP99Ms = await this.createAtFixedRate(api, 'away');
    const queued = await api.database.count(`notifications where status = 'queued'`);
    await this.sink.comeBack();
    const startedAt = Date.now();
    const drained = retryNow(api.database)
      .then(() => untilDelivered(api.database))
      .then(() => (Date.now() - startedAt) / 1000);
    const drainP99Ms = await this.createAtFixedRate(api, 'drain');
    const drainSeconds = await drained;
    await untilDelivered(api.database);
    return { usualP99Ms, outageP99Ms, drainP99Ms, queued, drainSeconds, lost: await this.countLost(api) };
  }

  /** p99 of the answers to customers created at a fixed rate, in ms. */
  private async createAtFixedRate(api: Target, keys: string): Promise<number> {
    await api.database.createUsers(keys, NEWCOMERS);
    const all = Array.from({ length: NEWCOMERS }, (_, index) => `${keys}-${index + 1}`);
    const answers = await probe(api.server.url, all, NEWCOMERS_PER_SECOND);
    return percentile(
      answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b),
      0.99,
    );
  }

  private async countLost({ database }: Target): Promise<number> {
    const { rows } = await database.query('select id, status from notifications');
    const arrived = new Set(this.sink.accepted.map(({ messageId }) => messageId.split('@')[0]));
    return rows.filter(({ id, status }) => status !== 'sent' || !arrived.has(id)).length;
  }

  /** @returns the number of created customers: the last connections create some more than requested */
  private async createCustomers({ server, database, kind }: Target, keys: string, events: number) {
    const users = events + 100;
    await database.createUsers(keys, users);
    const { contains } = kind;
    const order = { url: server.url, concurrency: 64, warmupSeconds: 0, seconds: 600, events, keys, users };
    const { created } = await this.generator.run({ ...order, traffic: 'created', contains });
    return created;
  }

  private startProcess(name: string, role: 'api' | 'worker', database?: BenchDatabase): Promise<Target> {
    const env = { PROCESS_ROLES: role, SMTP_PORT: String(this.sink.port) };
    const options = { name: `${name}-${role}`, env, ...(database ? { database } : {}) };
    return Target.start(this.workplace, 'service', options);
  }
}

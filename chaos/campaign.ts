import { setTimeout as sleep } from 'node:timers/promises';
import { FakeStripe } from '../test/support/fake-stripe/fake-stripe.js';
import { hasNoRunLeft, storeAutomation } from '../test/support/database/stored-automations.js';
import { hasNoDeliveryLeft, retryNow, storeConnectors } from '../test/support/database/stored-connectors.js';
import { CAMPAIGN_EXPERIMENTS, storeExperiments } from '../test/support/database/stored-experiments.js';
import { CAMPAIGN_RULES, storeSegments } from '../test/support/database/stored-segments.js';
import { waitFor } from '../test/support/wait-for.js';
import { ChaosDatabase, type RestartMode } from './chaos-database.js';
import { type PlannedKill, scheduleKills } from './faults/schedule.js';
import { Orphans } from './orphans.js';
import { SMTP_CONNECTIONS, type Plan, PROCESSES } from './plan.js';
import { Random } from './random.js';
import { Replica } from './replica.js';
import { Sender } from './sender.js';
import { Systems } from './systems.js';
import { Tally } from './tally.js';
import { Balancer } from './wires/balancer.js';
import type { MailLog } from './wires/mail-server.js';

const LANES = 12;
/** Events sent per second once all planned events were sent: the remaining faults need traffic. */
const TRICKLE_PER_SECOND = 40;
/** No such event is sent while more messages than this have not arrived. */
const TRICKLE_BACKLOG_MAX = 300;
const MESSAGES_PER_EVENT = 3;
/** Several times the time that the balancer needs to notice. */
const DRAIN_SECONDS = 2;
/** Claims of deliveries last longer the longer it is. */
const CONNECTOR_TIMEOUT_SECONDS = 2;
/** A process that does not reach its fault point in this time is killed where it is. */
const POINT_TIMEOUT_MS = 120_000;
const SERVE_TIMEOUT_MS = 600_000;
const DRAIN_TIMEOUT_MS = 3_600_000;
/** Users beyond one for each event: traffic continues while faults are left. */
const SPARE_USERS = 50_000;
/** Memberships that the lists do not show yet, or that time will change. */
const IS_UNSETTLED = 'not is_projected or next_evaluation_at is not null';

/** Runs two API and two worker processes under load, and injects the faults. */
export class Campaign {
  readonly tally = new Tally();
  readonly mailLog: MailLog = [];
  /** Makes the seed's choices during the campaign. */
  private readonly random: Random;
  private readonly kills: Record<'api' | 'worker', PlannedKill[][]>;
  orphans!: Orphans;
  sender!: Sender;
  systems!: Systems;
  replicas: { api: Replica[]; worker: Replica[] } = { api: [], worker: [] };
  private stripe!: FakeStripe;
  private balancer!: Balancer;
  private trickledAt = 0;

  constructor(
    readonly plan: Plan,
    readonly database: ChaosDatabase,
  ) {
    this.kills = scheduleKills(new Random(plan.seed), plan.kills, PROCESSES);
    this.random = new Random(plan.seed + 1);
  }

  /** Starts the processes with their database, mail servers, proxies and balancer. */
  async open(): Promise<void> {
    this.stripe = await FakeStripe.start();
    await storeSegments(this.database.sql, CAMPAIGN_RULES);
    await storeExperiments(this.database.sql, CAMPAIGN_EXPERIMENTS);
    await storeAutomation(this.database.sql);
    this.systems = await Systems.start();
    await storeConnectors(this.database.sql, this.systems.connectors);
    const { plan } = this;
    const surroundings = {
      databaseUrl: this.database.url,
      mailLog: this.mailLog,
      env: {
        STRIPE_API_URL: this.stripe.url,
        DRAIN_SECONDS: String(DRAIN_SECONDS),
        SMTP_MAX_CONNECTIONS: String(SMTP_CONNECTIONS),
        WORKER_LEASE_SECONDS: String(plan.leaseSeconds),
        CONNECTOR_TIMEOUT_SECONDS: String(CONNECTOR_TIMEOUT_SECONDS),
        ...this.systems.env,
      },
    };
    const start = (role: 'api' | 'worker') =>
      Promise.all(Array.from({ length: PROCESSES }, () => Replica.start(role, surroundings)));
    const users = 2 * plan.events + SPARE_USERS;
    const [api, worker] = await Promise.all([
      start('api'),
      start('worker'),
      this.database.createUsers('u', users),
    ]);
    this.replicas = { api, worker };
    this.balancer = await Balancer.start(api);
    this.orphans = new Orphans(this.database.sql, () => worker.some(({ isUp }) => isUp));
    this.sender = new Sender(this.balancer.url, this.stripe, new Random(plan.seed + 2), userIds(users));
  }

  /** Restarts the processes one after another, under load, as a deployment does. */
  async restartCleanly(): Promise<void> {
    const { cleanRestarts } = this.plan;
    if (cleanRestarts === 0) return;
    this.sender.start(LANES, () => this.isTrickleDue());
    for (let restart = 0; restart < cleanRestarts; restart += 2) {
      const slot = (restart / 2) % PROCESSES;
      const pair = [this.replicas.api[slot], this.replicas.worker[slot]] as Replica[];
      await Promise.all(
        pair.slice(0, cleanRestarts - restart).map(async (replica) => {
          await waitFor('served', () => replica.served > 0, SERVE_TIMEOUT_MS);
          await replica.stop();
          await replica.startProcess();
          this.tally.cleanRestarts += 1;
        }),
      );
    }
    await this.sender.finish(DRAIN_TIMEOUT_MS);
    await this.drain();
    this.tally.cleanExtraCopies = this.mailLog.length - new Set(this.mailLog).size;
    for (const [status, count] of this.sender.answers) {
      if (status < 200 || status > 299) this.tally.cleanRefusals.set(status, count);
    }
  }

  /** Kills processes, restarts the database and ends sessions under load, as scheduled. */
  async breakThings(): Promise<void> {
    const { plan, tally, sender, kills } = this;
    const share = () => (plan.kills === 0 ? 1 : tally.allKills / plan.kills);
    const before = sender.events;
    let isOver = false;
    const slack = 0.1;
    const isDue = () => isOver || sender.events - before < plan.events * (share() + slack);
    sender.start(LANES, () => isDue() || this.isTrickleDue());
    await Promise.all([
      ...(['api', 'worker'] as const).flatMap((role) =>
        this.replicas[role].map((replica, slot) => this.killAsPlanned(replica, kills[role][slot] ?? [])),
      ),
      this.atShares(plan.databaseRestarts, share, (index) => this.restartDatabase(index)),
      this.atShares(plan.terminations, share, () => this.terminateSession()),
    ]);
    isOver = true;
    await waitFor('all events sent', () => sender.events - before >= plan.events, DRAIN_TIMEOUT_MS);
    await sender.finish(DRAIN_TIMEOUT_MS);
    await this.drain();
    await waitFor('orphaned jobs taken over', () => this.orphans.left === 0, DRAIN_TIMEOUT_MS);
  }

  /** Stops all processes. @throws unless each exits with 0 and leaves no session behind */
  async close(): Promise<void> {
    const all = [...this.replicas.api, ...this.replicas.worker];
    await Promise.all(all.map((replica) => replica.stop()));
    await waitFor('no session left', async () => (await this.database.countSessions()) === 0);
    await this.abandon();
  }

  /** Ends everything in any state. */
  async abandon(): Promise<void> {
    const all = [...this.replicas.api, ...this.replicas.worker];
    for (const replica of all) replica.abandon();
    await this.orphans?.stop();
    await this.balancer?.stop();
    await Promise.all(all.map((replica) => replica.close()));
    await this.stripe?.stop();
    await this.systems?.stop();
  }

  /** Waits until the queue is empty, all runs and deliveries have ended, and no membership changes any more. */
  private async drain(): Promise<void> {
    const { database } = this;
    await waitFor(
      'queue empty',
      async () => {
        // What a killed process had under way is not tried again for minutes.
        await retryNow(database.sql);
        return (
          (await database.count('graphile_worker._private_jobs')) === 0 &&
          (await database.count('customer_segments', IS_UNSETTLED)) === 0 &&
          (await hasNoRunLeft(database.sql)) &&
          (await hasNoDeliveryLeft(database.sql))
        );
      },
      DRAIN_TIMEOUT_MS,
    );
  }

  private isTrickleDue(): boolean {
    const { events, twins } = this.sender;
    const backlog = (events - twins) * MESSAGES_PER_EVENT - this.mailLog.length;
    const now = Date.now();
    const isDue = backlog < TRICKLE_BACKLOG_MAX && now - this.trickledAt >= 1000 / TRICKLE_PER_SECOND;
    if (isDue) this.trickledAt = now;
    return isDue;
  }

  private async killAsPlanned(replica: Replica, kills: readonly PlannedKill[]): Promise<void> {
    for (const kill of kills) while (!(await this.isKilled(replica, kill)));
  }

  /** Kills a process and starts it again. @returns false when it had already ended by itself */
  private async isKilled(replica: Replica, kill: PlannedKill): Promise<boolean> {
    await waitFor('served', () => replica.served >= kill.afterServed, SERVE_TIMEOUT_MS);
    const isAtPoint = kill.point !== null && (await this.isCaught(replica, kill.point));
    const isKilled = await replica.kill();
    if (isKilled) this.tally.recordKill(replica.role, kill, isAtPoint);
    await Promise.all([
      replica.role === 'worker' ? this.orphans.add(replica.workerId) : null,
      replica.startProcess(),
    ]);
    return isKilled;
  }

  private async isCaught(replica: Replica, point: NonNullable<PlannedKill['point']>): Promise<boolean> {
    const timeout = new AbortController();
    const isCaught = await Promise.race([
      replica.trap.set(point).then(() => true),
      sleep(POINT_TIMEOUT_MS, false, { signal: timeout.signal }).catch(() => false),
    ]);
    timeout.abort();
    replica.trap.remove();
    return isCaught;
  }

  /** Runs an action a number of times, spread over the campaign. */
  private async atShares(
    times: number,
    share: () => number,
    act: (index: number) => Promise<void>,
  ): Promise<void> {
    for (let index = 0; index < times; index += 1) {
      await waitFor('its share of the run', () => share() >= (index + 0.5) / (times + 1), DRAIN_TIMEOUT_MS);
      await act(index);
    }
  }

  private async restartDatabase(index: number): Promise<void> {
    const mode: RestartMode = index % 2 === 0 ? 'fast' : 'immediate';
    await this.database.restart(mode);
    this.tally.databaseRestarts[mode] += 1;
    let readyAt = Date.now();
    let acceptedAt = 0;
    this.sender.onAcknowledged = (sentAt) => {
      if (sentAt >= readyAt) acceptedAt ||= Date.now();
    };
    const isAccepted = () => {
      // Time without any API process does not count: no process could accept the event.
      if (acceptedAt === 0 && !this.replicas.api.some(({ isUp }) => isUp)) readyAt = Date.now();
      return acceptedAt > 0;
    };
    await waitFor('an event accepted', isAccepted, DRAIN_TIMEOUT_MS);
    this.tally.acceptedAfterMs.push(acceptedAt - readyAt);
  }

  private async terminateSession(): Promise<void> {
    const chance = this.random.next();
    // While the database restarts there is no session.
    const terminate = () => this.database.terminateSession(chance).catch(() => null);
    const purpose = await waitFor('a session to end', terminate, DRAIN_TIMEOUT_MS);
    this.tally.recordTermination(purpose);
  }
}

function* userIds(count: number): Generator<string> {
  for (let user = 1; user <= count; user += 1) yield `u${user}`;
}

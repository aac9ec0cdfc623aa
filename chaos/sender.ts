import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { aCustomer, anEvent, aThinEvent } from '../test/support/builders.js';
import type { FakeStripe } from '../test/support/fake-stripe/fake-stripe.js';
import { WEBHOOK_SECRET } from '../test/support/process/test-environment.js';
import { waitFor } from '../test/support/wait-for.js';
import { aLife, type Life } from './life.js';
import type { Random } from './random.js';

interface Event {
  id: string;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 3200;
const ANSWER_TIMEOUT_MS = 10_000;
/** Percentage of events delivered twice at once, and percentage of events with a twin under another id. */
const DUPLICATES_PERCENT = 10;
const TWINS_PERCENT = 5;
/** Percentage of customers with the events of a subscription. */
const LIVES_PERCENT = 40;
/** One of this many twins is the thin event of the same creation. */
const THIN_EVERY = 5;
/** Deliveries that wait for their next attempt. While there are more, no new event is started. */
const OPEN_MAX = 100;
const POLL_MS = 20;

/**
 * Delivers events as Stripe does, in compressed time: it repeats each with back-off until the answer is 2xx.
 */
export class Sender {
  /** When each event was first acknowledged (ms since the epoch). */
  readonly acknowledged = new Map<string, number>();
  /** Number of answers by status; 0 stands for no answer (refused, cut or silent). */
  readonly answers = new Map<number, number>();
  /** Number of events, including twins, without repeated deliveries. */
  events = 0;
  duplicates = 0;
  twins = 0;
  readonly lives: Life[] = [];
  /** Called for each 2xx with the time at which its request was sent. */
  onAcknowledged: (sentAt: number) => void = () => undefined;
  private readonly open = new Set<Promise<void>>();
  private isStopped = false;

  constructor(
    private readonly url: string,
    private readonly stripe: FakeStripe,
    private readonly random: Random,
    private readonly userIds: Iterator<string>,
  ) {}

  /**
   * Sends events in parallel, as many at once as there are lanes, until stopped.
   * @param isDue whether another event is to be sent now
   */
  start(lanes: number, isDue: () => boolean): void {
    this.isStopped = false;
    for (let lane = 0; lane < lanes; lane += 1) {
      this.track(
        (async () => {
          while (!this.isStopped) {
            if (this.open.size < OPEN_MAX && isDue()) await this.deliverNew();
            else await sleep(POLL_MS);
          }
        })(),
      );
    }
  }

  /** Starts no further event and waits until all are acknowledged. @throws when they are not */
  async finish(timeoutMs: number): Promise<void> {
    this.isStopped = true;
    await waitFor('all events acknowledged', () => this.open.size === 0, timeoutMs);
  }

  count(status: number): number {
    return this.answers.get(status) ?? 0;
  }

  /** First attempt at each delivery of a new event. Failed ones are repeated while new events are sent. */
  private async deliverNew(): Promise<void> {
    const user = this.userIds.next();
    if (user.done) throw new Error('More events than users');
    const customer = aCustomer({ metadata: { mingus_user_id: user.value } });
    const event = anEvent(customer);
    const chance = this.random.below(100);
    const deliveries: Event[] = [event];
    if (chance < DUPLICATES_PERCENT) {
      this.duplicates += 1;
      deliveries.push(event);
    } else if (chance < DUPLICATES_PERCENT + TWINS_PERCENT) {
      this.twins += 1;
      deliveries.push(this.twinOf(event, customer));
    }
    this.events += new Set(deliveries).size;
    if (this.random.below(100) < LIVES_PERCENT) deliveries.push(...this.eventsOfLife(customer.id));
    await Promise.all(deliveries.map((delivery) => this.deliver(delivery)));
  }

  /** In any order, together with the creation of the customer, and some of them twice. */
  private eventsOfLife(customerId: string): Event[] {
    const life = aLife(customerId, this.random);
    this.lives.push(life);
    const again = life.events.filter(() => this.random.below(100) < DUPLICATES_PERCENT);
    return this.random.shuffled([...life.events, ...again]);
  }

  private twinOf(event: Event, customer: ReturnType<typeof aCustomer>): Event {
    if (this.twins % THIN_EVERY !== 0) return { ...event, id: `${event.id}twin` };
    this.stripe.put(customer);
    return aThinEvent(customer.id, { snapshot_event: event.id });
  }

  private async deliver(event: Event): Promise<void> {
    if (!(await this.attempt(event))) this.track(this.repeat(event));
  }

  private async repeat(event: Event): Promise<void> {
    for (let delay = FIRST_RETRY_MS; ; delay = Math.min(2 * delay, LAST_RETRY_MS)) {
      await sleep(delay * (0.8 + 0.4 * Math.random()));
      if (await this.attempt(event)) return;
    }
  }

  private async attempt(event: Event): Promise<boolean> {
    const sentAt = Date.now();
    const status = await post(`${this.url}/webhooks/stripe`, JSON.stringify(event));
    this.answers.set(status, this.count(status) + 1);
    if (status < 200 || status > 299) return false;
    if (!this.acknowledged.has(event.id)) this.acknowledged.set(event.id, Date.now());
    this.onAcknowledged(sentAt);
    return true;
  }

  private track(work: Promise<void>): void {
    const tracked = work.finally(() => this.open.delete(tracked));
    this.open.add(tracked);
  }
}

/** @returns the status; 0 when there was no complete answer */
function post(url: string, payload: string): Promise<number> {
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: WEBHOOK_SECRET });
  return new Promise((resolve) => {
    const sending = request(
      url,
      {
        method: 'POST',
        agent: false,
        timeout: ANSWER_TIMEOUT_MS,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
          'stripe-signature': signature,
        },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.complete ? (answer.statusCode ?? 0) : 0));
        answer.once('error', () => resolve(0));
      },
    );
    sending.once('timeout', () => sending.destroy());
    sending.once('error', () => resolve(0));
    sending.end(payload);
  });
}

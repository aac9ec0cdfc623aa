import { setTimeout as sleep } from 'node:timers/promises';
import { aCustomer, anEvent, type Fields } from '../builders.js';
import type { RunSql } from '../database/invariants.js';
import { deliver } from '../test-app.js';
import { waitFor } from '../wait-for.js';

type Event = ReturnType<typeof anEvent>;

const RETRY_AFTER_MS = 100;
/** More than the customers of one test. */
const USERS = 10_000;

/** Delivers events as Stripe does, but faster: each is repeated until the answer is 200. */
export class StripeSender {
  /** Ids of the events that were answered 200. */
  readonly acknowledged = new Set<string>();
  /** Number of answers by status; 0 stands for none (connection refused or cut). */
  readonly answers = new Map<number, number>();
  private readonly deliveries = new Set<Promise<void>>();
  private customers = 0;
  private stopped = false;
  private abandoned = false;

  /** @param runId distinguishes the users of one sender from those of another */
  private constructor(
    private readonly url: string,
    private readonly runId: string,
  ) {}

  /** A sender for a service, with users to create customers for. */
  static async create(url: string, sql: RunSql): Promise<StripeSender> {
    const runId = aCustomer().id;
    await sql(
      `insert into users (id, email, name, created_at)
       select $1 || i, i || '@example.com', 'Ada', now() from generate_series(1, ${USERS}) i`,
      [runId],
    );
    return new StripeSender(url, runId);
  }

  /**
   * Delivers new events, with a pause after each answer if one is given. One in ten is delivered twice at once. One in twenty has a twin:
   * another event about the same customer.
   */
  start(parallel: number, pauseMs = 0): void {
    for (let i = 0; i < parallel; i += 1) this.track(this.deliverOn(pauseMs));
  }

  /** Delivers one new event; resolves once it has been acknowledged. */
  async deliverNew(fields: Fields = {}): Promise<Event> {
    const event = this.newEvent(fields);
    await this.deliverUntilAcknowledged(event);
    return event;
  }

  /** An event about a new customer of an existing user. */
  newEvent(fields: Fields = {}): Event {
    this.customers += 1;
    const metadata = { mingus_user_id: `${this.runId}${(this.customers % USERS) + 1}` };
    return anEvent(aCustomer({ metadata, ...fields }));
  }

  /**
   * Starts no further event and waits until all started ones are acknowledged.
   * @throws when the service does not acknowledge them
   */
  async finish(): Promise<void> {
    this.stopped = true;
    try {
      await waitFor('all events acknowledged', () => this.deliveries.size === 0);
    } finally {
      this.abandoned = true;
    }
  }

  /** How many deliveries were answered with this status. */
  count(status: number): number {
    return this.answers.get(status) ?? 0;
  }

  private async deliverOn(pauseMs: number): Promise<void> {
    while (!this.stopped) {
      const event = this.newEvent();
      if (this.customers % 10 === 0) this.track(this.deliverUntilAcknowledged(event));
      if (this.customers % 20 === 0) {
        this.track(this.deliverUntilAcknowledged({ ...event, id: `${event.id}twin` }));
      }
      await this.deliverUntilAcknowledged(event);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  private async deliverUntilAcknowledged(event: Event): Promise<void> {
    while (!this.abandoned) {
      const status = await deliver(this.url, event).then(
        (answer) => answer.status,
        () => 0,
      );
      this.answers.set(status, this.count(status) + 1);
      if (status === 200) {
        this.acknowledged.add(event.id);
        return;
      }
      await sleep(RETRY_AFTER_MS);
    }
  }

  private track(delivery: Promise<void>): void {
    const tracked = delivery.finally(() => this.deliveries.delete(tracked));
    this.deliveries.add(tracked);
  }
}

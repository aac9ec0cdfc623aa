import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { aThinEvent, type Fields } from '../builders.js';
import type { FakeEvent, StripeState } from './stripe-state.js';

/** Stripe's retries over three days, compressed. */
const RETRY_AFTER_MS = [50, 100, 200, 400, 800, 1600];

/**
 * The endpoint's URL and secrets. Events are signed with all of them, as Stripe does while an endpoint has
 * two.
 */
export interface Subscription {
  url: string;
  secrets: readonly string[];
}

/** The endpoint's answer to the last attempt; status 0 stands for no answer. */
export interface SentEvent {
  event: Fields;
  attempts: number;
  status: number;
  body: string;
}

/** Stripe's side of the webhooks: signs an event for each attempt and repeats it until it is accepted. */
export class EventSender {
  constructor(
    private readonly state: StripeState,
    private readonly subscription: Subscription,
  ) {}

  async createCustomer(customer: Fields & { id: string }): Promise<SentEvent> {
    return this.send(this.state.createCustomer(customer));
  }

  async updateCustomer(customerId: string, changes: Fields): Promise<SentEvent> {
    return this.send(this.state.updateCustomer(customerId, changes));
  }

  async deleteCustomer(customerId: string): Promise<SentEvent> {
    return this.send(this.state.deleteCustomer(customerId));
  }

  /** Sends an event until the answer is 2xx. Without one, the event stays pending. */
  async send(event: FakeEvent): Promise<SentEvent> {
    const sent = await this.attempt(event);
    if (sent.status >= 200 && sent.status < 300) this.state.markDelivered(event);
    return sent;
  }

  /** Sends only the thin twin of an event about a customer. */
  sendThin({ id, type, created, data }: FakeEvent): Promise<SentEvent> {
    const customer = (data as { object: { id: string } }).object;
    const fields = {
      type: `v1.${type}`,
      snapshot_event: id,
      created: new Date(created * 1000).toISOString(),
    };
    return this.attempt(aThinEvent(customer.id, fields));
  }

  private async attempt(event: Fields): Promise<SentEvent> {
    let answer = { status: 0, body: '' };
    for (let attempts = 1; ; attempts += 1) {
      answer = await this.post(JSON.stringify(event, null, 2));
      const isTaken = answer.status >= 200 && answer.status < 300;
      const retryAfterMs = RETRY_AFTER_MS[attempts - 1];
      if (isTaken || retryAfterMs === undefined) return { event, attempts, ...answer };
      await sleep(retryAfterMs);
    }
  }

  private async post(payload: string): Promise<{ status: number; body: string }> {
    const { url, secrets } = this.subscription;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': sign(payload, secrets),
    };
    try {
      const response = await fetch(url, { method: 'POST', headers, body: payload });
      return { status: response.status, body: await response.text() };
    } catch {
      return { status: 0, body: '' };
    }
  }
}

/** A signature with one `t` and a `v1` for each secret. */
function sign(payload: string, secrets: readonly string[]): string {
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = secrets.map((secret) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
  );
  const signatures = headers.map((header) => header.slice(header.indexOf(',')));
  return `t=${timestamp}${signatures.join('')}`;
}
